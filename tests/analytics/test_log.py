from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from cecli.analytics.log import Log
from tests.support import WAIT, all_at_once
from tools.user import PATIENCE, User


def test_lines_are_appended_to_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"before\n")
    log = Log(str(path))
    log.write(b"after\n")
    log.close()
    assert path.read_bytes() == b"before\nafter\n"


def test_only_the_user_can_read_a_new_log(tmp_path: Path) -> None:
    Log(str(tmp_path / "log.jsonl")).close()
    assert stat.S_IMODE((tmp_path / "log.jsonl").stat().st_mode) == 0o600


def test_a_fifo_is_refused_and_hangs_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(OSError, match="No such device"):
        Log(str(tmp_path / "fifo"))
    reader = os.open(tmp_path / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(OSError, match="neither a regular file nor a device"):
        Log(str(tmp_path / "fifo"))
    os.close(reader)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_full_disk_is_an_error_to_the_caller() -> None:
    log = Log("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        log.write(b"{}\n")
    log.close()


def test_twenty_processes_share_a_log_and_every_line_is_whole(user: User) -> None:
    program = (
        "from cecli import analytics\nfrom cecli.args import ArgumentParser\n"
        "parser = ArgumentParser()\nanalytics.add_arguments(parser)\n"
        f"recorder = analytics.resolve(parser.parse_args(), parser)\n{WAIT}"
        "for _ in range(500):\n    recorder.event('launched')\n"
        "recorder.close()"
    )
    path = user.folder / "log.jsonl"
    ended = all_at_once(
        [("-c", program, "--analytics-log", str(path))] * 20,
        cwd=user.folder,
        env=user.process_environ(),
    )
    assert ended == [(0, "")] * 20
    events = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert len(events) == len({event["uuid"] for event in events}) == 10_000
    assert {tuple(event) for event in events} == {
        ("event", "properties", "user_id", "time", "uuid")
    }


def test_a_line_that_was_cut_short_is_ended_before_the_next(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"event"')
    log = Log(str(path))
    log.write(b"{}\n")
    log.close()
    assert path.read_bytes().splitlines() == [b'{"event"', b"{}"]


def test_a_log_that_is_opened_while_others_write_to_it_gets_no_empty_line(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    program = (
        "import sys\nfrom cecli.analytics.log import Log\n"
        f"log = Log(sys.argv[1])\n{WAIT}"
        "for _ in range(4_000):\n    {}\n"
    )
    writes = ("-c", program.format("log.write(b'x' * 1200 + b'\\n')"), str(path))
    opens = ("-c", program.format("Log(sys.argv[1]).close()"), str(path))
    ended = all_at_once([writes, opens, writes, opens], cwd=tmp_path, env=os.environ)
    assert ended == [(0, "")] * 4
    assert path.read_bytes().splitlines() == [b"x" * 1200] * 8_000


FORKING = """
import os, signal, sys, threading
from cecli.analytics.log import Log
log = Log(sys.argv[1])
def record():
    while True:
        log.write(b"{}\\n")
threading.Thread(target=record, daemon=True).start()
for number in range(60):
    child = os.fork()
    if not child:
        signal.alarm(int(sys.argv[2]))
        if number % 2:
            log.write(b"{}\\n")
        log.close()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0, number
os._exit(0)
"""


def test_a_child_that_was_forked_in_the_midst_of_a_write_writes_and_ends(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKING, str(tmp_path / "log"), str(int(PATIENCE))],
        check=True,
    )


def _closed_at(moment: int, log: Log, mine: Path) -> bool:
    """Write, with the log closed and another file opened at a line of ``write``, as by a handler.

    Return whether there is such a line.
    """
    left, opened = moment, []

    def step(*_: object) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            sys.settrace(None)
            log.close()
            opened.append(os.open(mine, os.O_CREAT | os.O_RDWR))
        return step

    before = sys.gettrace()
    sys.settrace(lambda frame, *_: step if frame.f_code is Log.write.__code__ else None)
    try:
        with suppress(OSError):  # it was closed before the write
            log.write(b"{}\n")
    finally:
        sys.settrace(before)
    for number in opened:
        os.close(number)
    return bool(opened)


def test_a_log_that_a_signal_handler_closes_writes_to_no_other_file(tmp_path: Path) -> None:
    mine, moment = tmp_path / "mine", 1
    while _closed_at(moment, Log(str(tmp_path / f"{moment}.log")), mine):
        assert mine.read_bytes() == b""
        assert (tmp_path / f"{moment}.log").read_bytes() in (b"", b"{}\n")
        moment += 1
    assert moment > 8
