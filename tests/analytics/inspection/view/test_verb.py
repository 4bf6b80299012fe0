"""``cecli-analytics view`` as a user runs it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.analytics.inspection.view import logs
from tests.analytics.scene import KEY, Scene, line, run, start
from tools import user


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return logs.write(tmp_path / "log.jsonl", logs.sessions(10))


def test_the_summary_is_shown_first(log: Path) -> None:
    shown = run("view", str(log))
    assert shown.returncode == 0
    assert shown.stderr == ""
    first, _, title, *_ = shown.stdout.splitlines()
    assert first.startswith(f"{len(logs.sessions(10))} events of 10 sessions, from ")
    assert title == "EVENTS"


def test_the_numbers_are_given_as_json(log: Path) -> None:
    found = json.loads(run("view", "--json", str(log)).stdout)
    events = logs.sessions(10)
    assert found["events"] == logs.counted(events)
    assert found["models"] == {
        name: pytest.approx(each) for name, each in logs.used(events).items()
    }


def test_several_logs_are_one_summary(log: Path, tmp_path: Path) -> None:
    other = logs.write(tmp_path / "other.jsonl", [logs.event("launched")])
    found = json.loads(run("view", "--json", str(log), str(other)).stdout)
    assert found["count"] == len(logs.sessions(10)) + 1
    assert [each["lines"] for each in found["files"]] == [len(logs.sessions(10)), 1]


def test_standard_input_is_a_log(log: Path) -> None:
    with log.open("rb") as file:
        shown = run("view", "--json", "-", stdin=file)
    assert json.loads(shown.stdout)["count"] == len(logs.sessions(10))


def test_a_pipe_is_a_log(log: Path) -> None:
    shown = user.run("/bin/sh", "-c", f"cat {log} | {user.SCRIPTS}/cecli-analytics view --json -")
    assert json.loads(shown.stdout)["count"] == len(logs.sessions(10))


def test_the_queue_is_a_log(scene: Scene) -> None:
    scene.queue(3)
    scene.queue(2)
    shown = run("view", "--queue", "--json")
    assert json.loads(shown.stdout)["events"] == {"launched": 5}
    assert KEY not in shown.stdout


def test_a_queue_that_is_empty_is_told(scene: Scene) -> None:
    shown = run("view", "--queue")
    assert shown.returncode == 1
    assert "the queue is empty" in shown.stderr


def test_a_file_of_the_queue_names_its_destination(scene: Scene) -> None:
    scene.queue(2)
    (segment,) = scene.folder.iterdir()
    found = json.loads(run("view", "--json", str(segment)).stdout)
    assert found["files"][0]["destination"] == scene.destination.id
    assert found["files"][0]["broken"] == 0


def test_lines_that_are_no_events_are_counted(log: Path) -> None:
    with log.open("ab") as file:
        file.write(b"nonsense\n\xff\x1b[31m\n" + line("me"))
    shown = run("view", str(log))
    assert shown.returncode == 0
    number = len(logs.sessions(10)) + 1
    assert f"2 lines are no events, the first is line {number}" in shown.stderr


def test_an_empty_log_is_told(tmp_path: Path) -> None:
    (tmp_path / "log").touch()
    for how in ([], ["--json"], ["--events"], ["--html", str(tmp_path / "page.html")]):
        shown = run("view", str(tmp_path / "log"), *how)
        assert shown.returncode == 1
        assert shown.stderr.endswith("/log' is empty\n")
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize("raw", [bytes(range(256)) * 300, b"\0" * 500_000 + b"\n", b"a: b\n" * 3])
def test_a_file_that_is_no_log_is_told(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "log").write_bytes(raw + b"\n")
    shown = run("view", str(tmp_path / "log"))
    assert (shown.returncode, shown.stdout) == (1, "")
    assert shown.stderr.count("\n") == 1
    assert "no event" in shown.stderr


@pytest.mark.parametrize("file", ["missing", "."])
@pytest.mark.parametrize("how", [[], ["--events"], ["--json"], ["--html", "page.html"]])
def test_what_is_no_file_is_told(tmp_path: Path, file: str, how: list[str]) -> None:
    shown = run("view", str(tmp_path / file), *how, cwd=tmp_path)
    assert shown.returncode == 2
    assert "can't be opened" in shown.stderr
    assert shown.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "expected a FILE"),
        (["log", "log"], "named twice"),
        (["log", "--follow"], "--follow is for --events of one FILE"),
        (["log", "other", "--events", "--follow"], "--follow is for --events of one FILE"),
        (["log", "--json", "--events"], "not allowed with"),
        (["log", "--since", "yesterday"], "'yesterday' is no time; expected one like"),
    ],
    ids=str,
)
def test_what_cant_be_meant_is_told(tmp_path: Path, words: list[str], told: str) -> None:
    logs.write(tmp_path / "log", [logs.event("launched")])
    shown = run("view", *words, cwd=tmp_path)
    assert shown.returncode == 2
    assert told in shown.stderr


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["--name", "b"], ["b", "b"]),
        (["--name", "a", "--name", "c"], ["a", "c"]),
        (["--since", "2026-01-02"], ["b", "c"]),
        (["--since", "2026-01-02", "--name", "b"], ["b"]),
        (["--name", "none"], []),
    ],
    ids=str,
)
def test_only_the_wanted_events_are_summed_up_and_listed(
    tmp_path: Path, options: list[str], names: list[str]
) -> None:
    day, first = 86_400, 1_767_225_600  # 2026-01-01
    events = [
        logs.event(name, first + at * day)
        for name, at in (("a", 0.5), ("b", 0.75), ("b", 1.25), ("c", 1.5))
    ]
    log = logs.write(tmp_path / "log", events)
    environ = {**os.environ, "TZ": "UTC"}
    found = json.loads(run("view", "--json", str(log), *options, environ=environ).stdout)
    assert found["events"] == {name: names.count(name) for name in names}
    listed = run("view", "--events", str(log), *options, environ=environ).stdout
    assert [line.split("  ")[1] for line in listed.splitlines() if line[:4] == "2026"] == names


def test_that_no_event_is_wanted_is_told(log: Path) -> None:
    for how in ([], ["--events"], ["--html", str(log.with_name("page.html"))]):
        shown = run("view", str(log), "--name", "none", *how)
        assert (shown.returncode, shown.stdout) == (1, "")
        assert "no event is of that name and time" in shown.stderr


def test_a_pipe_that_is_followed_ends_with_it(log: Path) -> None:
    command = f"cat {log} | {user.SCRIPTS}/cecli-analytics view --events --follow -"
    shown = user.run("/bin/sh", "-c", command)
    assert shown.returncode == 0
    assert sum(line[:2] == "20" for line in shown.stdout.splitlines()) == len(logs.sessions(10))


def test_each_event_is_listed_with_its_id(log: Path) -> None:
    shown = run("view", "--events", str(log)).stdout
    for each in logs.sessions(10):
        assert f"  {each['event']}  " in shown
    listed = [line for line in shown.splitlines() if line[:2] == "20"]
    uuids = [json.loads(line)["uuid"] for line in log.read_text().splitlines()]
    assert [line.rpartition("  ")[2] for line in listed] == uuids


def test_a_log_is_followed_until_it_is_interrupted(tmp_path: Path) -> None:
    log = logs.write(tmp_path / "log", [logs.event("first")])
    with start("view", "--events", "--follow", str(log)) as child:
        assert child.stdout
        told: list[str] = []

        def wait_for(name: str) -> None:
            while not any(f"  {name}  " in line for line in told):
                told.append(child.stdout.readline())  # type: ignore[union-attr]
                assert told[-1], told

        wait_for("first")
        raw = line("me", "second")
        with log.open("ab", buffering=0) as file:
            file.write(raw[:40])  # half a line, then its rest
            file.write(raw[40:] + line("me", "third"))
        wait_for("third")
        assert sum("  second  " in each for each in told) == 1
        log.write_bytes(line("me", "anew"))  # cut off, and written from its beginning
        wait_for("anew")
        child.terminate()


def test_a_view_changes_nothing(log: Path, home: Path) -> None:
    before = log.read_bytes(), log.stat().st_mtime_ns
    for how in ([], ["--events"], ["--json"], ["--queue"]):
        run("view", str(log), *how)
    assert (log.read_bytes(), log.stat().st_mtime_ns) == before
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("how", [[], ["--events"], ["--json"]])
def test_no_name_or_value_commands_the_terminal(tmp_path: Path, how: list[str]) -> None:
    log = logs.write(
        tmp_path / "log",
        [logs.event(each, **{each: each, "list": [each]}) for each in logs.HOSTILE],
    )
    shown = run("view", str(log), *how).stdout
    assert not [each for each in shown if not each.isprintable() and each != "\n"]
    assert "<script>window.obeyed = 1</script>" in shown
