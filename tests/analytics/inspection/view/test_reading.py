"""Lines read as events: which are, what is counted, and how much is held."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cecli.analytics.inspection.user import Problem
from cecli.analytics.inspection.view.reading import LONGEST_LINE, LogFile
from tests.analytics.inspection.view import logs
from tools.user import PATIENCE

EVENT = logs.event("launched", number=1)
LINE = json.dumps(EVENT).encode() + b"\n"


def changed(**fields: object) -> bytes:
    return json.dumps({**EVENT, **fields}).encode() + b"\n"


def read(path: Path, raw: bytes) -> tuple[LogFile, list[Any]]:
    """Return a log that has read *raw*, and its events."""
    path.write_bytes(raw)
    log = LogFile(str(path))
    return log, list(log.read())


def test_an_event_is_read_as_it_was_written(tmp_path: Path) -> None:
    log, found = read(tmp_path / "log", LINE)
    assert found == [
        tuple(EVENT[name] for name in ("event", "properties", "user_id", "time", "uuid"))
    ]
    assert (log.lines, log.broken, log.unfinished) == (1, 0, False)


def test_an_event_of_aiders_older_log_has_no_uuid(tmp_path: Path) -> None:
    """As ``aider.analytics.Analytics.event`` writes it: whole seconds, and no uuid."""
    older = {
        "event": "message_send",
        "properties": {"main_model": "gpt-4o", "python_version": "3.12.1"},
        "user_id": "9f1c7c7e-0000-4000-8000-000000000000",
        "time": 1735689600,
    }
    _, found = read(tmp_path / "log", json.dumps(older).encode() + b"\n")
    assert found == [(*older.values(), "")]


NO_EVENTS = {
    "words": b"nonsense\n",
    "no UTF-8": b"\xff\xfe\x00\n",
    "half an event": LINE[:50] + b"\n",
    "an event and more": LINE[:-1] + b" {}\n",
    "a list": b"[1]\n",
    "a number": b"5\n",
    "a text": b'"12345"\n',
    "null": b"null\n",
    "an empty object": b"{}\n",
    "a field too few": json.dumps({k: v for k, v in EVENT.items() if k != "time"}).encode() + b"\n",
    "a field too many": changed(more=1),
    "another field": changed(more=1).replace(b'"uuid"', b'"id"'),
    "a name that is none": changed(event=5),
    "properties that are none": changed(properties=[1]),
    "an id that is none": changed(user_id=None),
    "a time in words": changed(time="now"),
    "a flag for a time": changed(time=True),
    "a time before all": changed(time=-1),
    "a time after all": changed(time=1e15),
    "no number for a time": changed(time=float("nan")),
    "a uuid that is none": changed(uuid=7),
    "no number": changed(properties={"x": float("inf")}),
    "a number of a million digits": LINE.replace(b'"number": 1', b'"number": ' + b"9" * 5000),
    "deep lists": b"[" * 30_000 + b"]" * 30_000 + b"\n",
    "a long line": b"x" * (3 * LONGEST_LINE) + b"\n",
    "a line as long as one may be": b"x" * (LONGEST_LINE - 1) + b"\n",
    "a line one longer": b"x" * LONGEST_LINE + b"\n",
    "a binary file": bytes(range(256)).replace(b"\n", b"") * 100 + b"\n",
}


@pytest.mark.parametrize("line", NO_EVENTS.values(), ids=NO_EVENTS)
def test_what_is_no_event_is_counted_and_passed_over(tmp_path: Path, line: bytes) -> None:
    log, found = read(tmp_path / "log", LINE + line + LINE)
    assert len(found) == 2
    assert (log.lines, log.broken, log.first_broken) == (3, 1, 2)
    assert not log.unfinished


def test_an_empty_line_is_no_mistake(tmp_path: Path) -> None:
    log, found = read(tmp_path / "log", LINE + b"\n  \r\n" + LINE)
    assert (len(found), log.broken) == (2, 0)


def test_lines_of_windows_are_read(tmp_path: Path) -> None:
    log, found = read(tmp_path / "log", LINE.replace(b"\n", b"\r\n") * 2)
    assert (len(found), log.broken) == (2, 0)


def test_a_last_line_without_an_end_counts_if_it_is_an_event(tmp_path: Path) -> None:
    log, found = read(tmp_path / "log", LINE + LINE[:-1])
    assert (len(found), log.broken, log.unfinished) == (2, 0, False)


def test_a_last_line_that_is_half_an_event_may_be_being_written(tmp_path: Path) -> None:
    log, found = read(tmp_path / "log", LINE + LINE[:60])
    assert (len(found), log.broken, log.unfinished) == (1, 0, True)


def test_the_first_line_of_a_file_of_the_queue_names_its_destination(tmp_path: Path) -> None:
    header = {"host": "https://x.example", "key": "k", "destination": "https://x.example 0a"}
    log, found = read(tmp_path / "log", json.dumps(header).encode() + b"\n" + LINE)
    assert (len(found), log.broken) == (1, 0)
    assert log.destination == "https://x.example 0a"


def test_a_log_that_grows_meanwhile_has_an_end(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(LINE)
    count = 0
    for _ in LogFile(str(path)).read():
        count += 1
        with path.open("ab") as file:
            file.write(LINE * 1000)
        assert count < 10**6
    assert count >= 1


def test_a_file_of_the_queue_that_was_delivered_meanwhile_holds_nothing(tmp_path: Path) -> None:
    assert list(LogFile(str(tmp_path / "gone"), may_go=True).read()) == []


@pytest.mark.parametrize("name", ["missing", "."])
def test_what_cant_be_opened_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(Problem, match="can't be opened") as raised:
        list(LogFile(str(tmp_path / name)).read())
    assert raised.value.code == 2


def test_who_asks_is_told_how_far_it_is(tmp_path: Path) -> None:
    path, told = tmp_path / "log", []
    path.write_bytes(LINE * 50_000)
    for _ in LogFile(str(path)).read(tell=lambda done, size: told.append((done, size))):
        pass
    size = path.stat().st_size
    assert told[-1] == (size, size)
    assert len(told) >= 3


BOUNDED = """
import resource, sys
from cecli.analytics.inspection.view.reading import LogFile
from cecli.analytics.inspection.view.summary import Summary
limit = int(sys.argv[2]) * 1024 * 1024
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
summary = Summary()
log = LogFile(sys.argv[1])
summary.read(log)
print(summary.count, log.lines, log.broken)
"""


def bounded(path: Path, megabytes: int) -> list[int]:
    """Sum a log up in a process with so little memory; return events, lines and broken ones."""
    ended = subprocess.run(
        [sys.executable, "-c", BOUNDED, str(path), str(megabytes)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    return [int(word) for word in ended.stdout.split()]


def test_a_line_of_a_gigabyte_is_never_held(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("wb") as file:
        file.write(LINE)
        file.seek(1_000_000_000, os.SEEK_CUR)  # zeros that take no place
        file.write(b"\n" + LINE)
    assert bounded(path, 200) == [2, 3, 1]


def test_what_is_held_doesnt_grow_with_the_log(tmp_path: Path) -> None:
    """Every value, name, day, model and user of these is new: nothing of them may be held."""
    path, count = tmp_path / "log", 100_000
    with path.open("w") as file:
        for number in range(count):
            each = logs.message(f"model {number}", 86_400.0 * (number % 90_000))
            each |= {"event": f"event {number}" if number % 2 else "message_send"}
            each |= {"user_id": f"user {number}"}
            each["properties"] |= {f"name {number}": "x" * 300, "$ip": f"{number}"}
            file.write(json.dumps(each) + "\n")
            if not number % 10:
                file.write("nonsense\n")
    assert bounded(path, 300) == [count, count * 11 // 10, count // 10]
