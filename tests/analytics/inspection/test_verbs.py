"""``cecli-analytics`` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cecli.analytics import process
from cecli.analytics.consent import record as consent
from cecli.analytics.inspection.receiver import Receiver
from cecli.analytics.spool.writer import Spool
from tests.analytics.faults import FaultyReceiver
from tests.analytics.scene import KEY, Scene, line, run, start
from tools.user import until


def test_without_a_command_it_says_how_to_use_it() -> None:
    shown = run()
    assert shown.returncode == 2
    assert "usage: cecli-analytics" in shown.stderr


@pytest.mark.parametrize("command", ["status", "events", "view", "deliver", "receiver"])
def test_every_command_explains_itself(command: str) -> None:
    assert run(command, "--help").returncode == 0


# -- deliver


def test_deliver_says_what_it_did(scene: Scene, receiver: Receiver) -> None:
    scene.queue(3)
    done = run("deliver")
    assert (done.returncode, done.stdout, done.stderr) == (0, "sent 3 events\n", "")
    assert len(receiver.items) == 3


def test_deliver_has_nothing_to_do_without_a_queue(home: Path) -> None:
    done = run("deliver")
    assert (done.returncode, done.stdout) == (0, "nothing waits to be delivered\n")
    assert not list(home.iterdir())


def test_deliver_fails_with_the_reason_and_tries_again_at_once_when_asked(
    scene: Scene, receiver: Receiver
) -> None:
    scene.queue(3)
    receiver.mode = "503"
    for _ in range(2):
        done = run("deliver")
        assert done.returncode == 1
        assert done.stdout == f"sent 0 events. {receiver.url}: status 503.\n"
    assert len(receiver.requests) == 2


def test_deliver_leaves_running_sessions_their_segment(scene: Scene, receiver: Receiver) -> None:
    running = Spool(scene.paths.spool, scene.destination)
    running.append(*scene.lines(1))
    done = run("deliver")
    assert done.returncode == 0
    assert "running sessions still write 1 more" in done.stdout
    assert scene.waiting == ["open"]
    running.hand_over()
    assert run("deliver").stdout == "sent 1 event\n"


def test_deliver_takes_turns(scene: Scene) -> None:
    scene.queue(1)
    scene.take_token(process.identity())
    done = run("deliver")
    assert (done.returncode, done.stderr) == (
        1,
        "cecli-analytics: another delivery is under way\n",
    )


@pytest.mark.parametrize("value", ["1", "true", "yes"])
def test_deliver_heeds_do_not_track(
    scene: Scene, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    scene.queue(1)
    monkeypatch.setenv("DO_NOT_TRACK", value)
    assert run("deliver").returncode == 1
    assert not receiver.requests
    assert scene.waiting == ["ready"]


def test_deliver_after_a_disable_empties_the_queue(scene: Scene, receiver: Receiver) -> None:
    scene.queue(1)
    consent.disable(scene.paths)
    done = run("deliver")
    assert "Analytics is disabled; the queue was emptied." in done.stdout
    assert not receiver.requests
    assert not scene.folder.exists()


def test_deliver_can_be_interrupted_and_loses_nothing(scene: Scene, receiver: Receiver) -> None:
    scene.queue(1)
    receiver.mode = "hang"
    with start("deliver") as child:
        until(lambda: receiver.requests)
        child.send_signal(2)
        assert child.wait() == 130
        assert child.stderr
        assert "Traceback" not in child.stderr.read()
    assert scene.waiting == ["ready"]


# -- status


def test_status_of_a_fresh_home_touches_nothing(home: Path) -> None:
    shown = run("status")
    assert shown.returncode == 0
    assert "consent:  never asked" in shown.stdout
    assert "0 files" in shown.stdout
    assert not list(home.iterdir())


def test_status_shows_queue_failure_and_last_delivery(scene: Scene, receiver: Receiver) -> None:
    scene.queue(3)
    receiver.mode = "401"
    scene.deliver()
    shown = run("status").stdout
    assert f"agreed for {scene.destination.id}" in shown
    assert "1 file, " in shown
    assert "status 401: the project key or the host is wrong; 1 failure, left alone until" in shown
    assert "last: " in shown
    assert KEY not in shown


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ("disabled", "off: analytics is permanently disabled"),
        ("unreadable", "off: the file is not JSON"),
        ("do not track", "off: DO_NOT_TRACK is set"),
    ],
)
def test_status_shows_why_it_is_off(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, state: str, text: str
) -> None:
    if state == "disabled":
        consent.disable(scene.paths)
    elif state == "unreadable":
        Path(scene.paths.consent).write_text("{")
    else:
        monkeypatch.setenv("DO_NOT_TRACK", "1")
    assert f"consent:  {text}" in run("status").stdout


def test_status_shows_what_was_not_sent(home: Path) -> None:
    with FaultyReceiver(refuses=lambda item: item["event"] == "bad") as receiver:
        scene = Scene(home, receiver.url)
        scene.queue_lines([*scene.lines(1), line(scene.user_id, "bad"), line(scene.user_id, "bad")])
        scene.deliver()
    assert "2 refused by the server" in run("status").stdout


def test_no_home_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "")
    shown = run("status")
    assert shown.returncode == 1
    assert "home folder can't be told" in shown.stderr


# -- view


def test_view_shows_events_and_names_bad_lines(scene: Scene) -> None:
    scene.queue(2)
    (segment,) = scene.folder.iterdir()
    segment.write_bytes(segment.read_bytes() + b"nonsense\n\xff\x1b[31m")
    shown = run("view", str(segment))
    assert shown.returncode == 0
    first, *rest = shown.stdout.splitlines()
    assert first == f"to {scene.destination.id}"
    assert sum("launched" in line for line in rest) == 2
    assert "  number: 1" in rest
    assert rest[-2:] == ["line 4: no event", "line 5: no event"]
    assert KEY not in shown.stdout


def test_view_lets_no_control_character_through(scene: Scene, tmp_path: Path) -> None:
    event = json.loads(scene.lines(1)[0])
    event |= {"event": "\x1b[31m", "properties": {"\x07": "\x1b]0;x\x07"}}
    (tmp_path / "log").write_text(json.dumps(event) + "\n")
    shown = run("view", str(tmp_path / "log")).stdout
    assert "\x1b" not in shown
    assert "\x07" not in shown


@pytest.mark.parametrize("file", ["missing", "."])
def test_view_of_what_is_no_file_is_told(tmp_path: Path, file: str) -> None:
    shown = run("view", str(tmp_path / file))
    assert shown.returncode == 2
    assert "can't be opened" in shown.stderr


def test_a_reader_that_goes_away_is_no_traceback(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"".join(scene.lines(20_000)))
    with start("view", str(tmp_path / "log")) as child:
        assert child.stdout
        assert child.stderr
        child.stdout.readline()
        child.stdout.close()
        assert child.stderr.read() == ""
        assert child.wait() == 1


def test_status_tells_of_a_record_and_a_config_file_that_others_can_write(scene: Scene) -> None:
    config = scene.home / ".cecli.conf.yml"
    config.write_text("analytics: true\n")
    for file in (config, scene.consent):
        file.chmod(0o666)
    shown = run("status")
    assert "consent:  off: the file can be written by others; " in shown.stdout
    assert "warning: ~/.cecli.conf.yml can be written by others, " in shown.stderr
