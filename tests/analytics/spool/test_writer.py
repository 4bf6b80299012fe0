"""The writing side of the spool, in one process and in many."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from cecli.analytics.delivery.start import GUARD
from cecli.analytics.destination import Destination
from cecli.analytics.spool.queue import Queue
from cecli.analytics.spool.segment import (
    ABANDONED_SECONDS,
    MOST_BYTES,
    MOST_SEGMENTS,
    OPEN_SECONDS,
    SEGMENT_BYTES,
    SEGMENT_EVENTS,
)
from cecli.analytics.spool.writer import LOOK_SECONDS, Writer
from tests.analytics.scene import KEY, Scene
from tests.support import PROGRAM, largest_file, no_file_left_open
from tools.user import PATIENCE

DESTINATION = Destination("http://127.0.0.1:9", KEY)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / ".cecli" / "analytics-spool"


def _lines(folder: Path) -> list[bytes]:
    """Return the events in a folder, without the segments' first lines."""
    return [
        line
        for path in sorted(folder.iterdir())
        for line in path.read_bytes().splitlines(keepends=True)[1:]
    ]


def _states(folder: Path) -> list[str]:
    return [name.state for name in Queue(str(folder)).segments()]


def fill(folder: Path, segments: int, size: int = 0) -> None:
    """Let that many segments wait."""
    folder.mkdir(parents=True)
    for number in range(segments):
        path = folder / f"1700000000000-host-1-1-{number:08x}.ready"
        path.touch()
        os.truncate(path, size)


def test_making_one_creates_nothing(folder: Path) -> None:
    writer = Writer(str(folder), DESTINATION)
    assert writer.hand_over() is False
    writer.hand_over()
    assert not folder.parent.exists()


def test_a_segment_holds_its_destination_and_the_very_lines(folder: Path) -> None:
    writer = Writer(str(folder), DESTINATION)
    writer.append(b'{"a": 1}\n')
    writer.append(b'{"a": 2}\n')
    (segment,) = folder.iterdir()
    header, *lines = segment.read_bytes().splitlines(keepends=True)
    assert json.loads(header) == {
        "host": DESTINATION.host,
        "key": KEY,
        "destination": DESTINATION.id,
    }
    assert lines == [b'{"a": 1}\n', b'{"a": 2}\n']
    assert segment.suffix == ".open"


def test_folder_and_files_are_the_users_alone(folder: Path) -> None:
    old = os.umask(0)
    try:
        Writer(str(folder), DESTINATION).append(b"x\n")
    finally:
        os.umask(old)
    (segment,) = folder.iterdir()
    assert stat.S_IMODE(segment.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700


def test_appending_tells_whether_that_was_enough_to_deliver(folder: Path) -> None:
    writer = Writer(str(folder), DESTINATION, clock=lambda: 1e9)
    told = [writer.append(b"x\n") for _ in range(2 * SEGMENT_EVENTS + 1)]
    assert [number for number, enough in enumerate(told) if enough] == [
        SEGMENT_EVENTS,
        2 * SEGMENT_EVENTS,
    ]


def test_an_event_in_the_midst_of_another_has_a_segment_of_its_own(folder: Path) -> None:
    told: list[bool] = []
    interrupts = False

    def clock() -> float:
        nonlocal interrupts
        if interrupts:  # as a signal's handler may, wherever the other one is
            interrupts = False
            told.append(writer.append(b"inner\n"))
        return 1e9

    writer = Writer(str(folder), DESTINATION, clock=clock)
    writer.append(b"before\n")
    interrupts = True
    assert writer.append(b"outer\n") is False
    assert told == [False]
    assert sorted(_states(folder)) == ["open", "ready"]
    assert sorted(_lines(folder)) == [b"before\n", b"inner\n", b"outer\n"]


INTERRUPTED = """
import sys
from cecli.analytics.destination import Destination
from cecli.analytics.spool.writer import Writer
writer = Writer(sys.argv[1], Destination("http://127.0.0.1:9", "k"))
def hook(event, args):  # as a signal's handler may record, wherever the hand-over is
    if event == "os.rename" and args[0].startswith(sys.argv[1]) and not inner:
        inner.append(True)
        writer.append(b"inner\\n")
inner = []
writer.append(b"outer\\n")
sys.addaudithook(hook)
print(writer.hand_over())
"""


def test_an_event_in_the_midst_of_a_hand_over_is_handed_over_too(folder: Path) -> None:
    program = [sys.executable, "-c", INTERRUPTED, str(folder)]
    ended = subprocess.run(program, stdout=subprocess.PIPE, text=True, check=True)
    assert ended.stdout == "True\n"
    assert _states(folder) == ["ready", "ready"]
    assert sorted(_lines(folder)) == [b"inner\n", b"outer\n"]


def test_a_segment_that_was_handed_over_is_closed(folder: Path) -> None:
    writer = Writer(str(folder), DESTINATION)
    with no_file_left_open():
        writer.append(b"x\n")
        writer.hand_over()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows forks no process")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_hands_nothing_of_its_parents_over(folder: Path) -> None:
    writer = Writer(str(folder), DESTINATION)
    writer.append(b"x\n")
    child = os.fork()
    if not child:
        os._exit(writer.hand_over())
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert _states(folder) == ["open"]
    assert writer.hand_over() is True


def test_handing_over_makes_ready_and_tells_whether_there_was_anything(folder: Path) -> None:
    writer = Writer(str(folder), DESTINATION)
    writer.append(b"x\n")
    assert writer.hand_over() is True
    assert writer.hand_over() is False
    assert _states(folder) == ["ready"]


def test_appending_after_a_hand_over_starts_anew(folder: Path) -> None:
    writer = Writer(str(folder), DESTINATION)
    writer.append(b"x\n")
    assert [writer.hand_over(), writer.hand_over()] == [True, False]
    writer.append(b"y\n")
    assert sorted(_states(folder)) == ["open", "ready"]


@pytest.mark.parametrize("limit", ["events", "bytes", "age", "a clock set back"])
def test_a_segment_over_a_limit_is_handed_over_before_the_next_event(
    folder: Path, limit: str
) -> None:
    now = 1e9
    writer = Writer(str(folder), DESTINATION, clock=lambda: now)
    for _ in range(SEGMENT_EVENTS if limit == "events" else 1):
        writer.append(b"x" * (SEGMENT_BYTES if limit == "bytes" else 1) + b"\n")
    assert _states(folder) == ["open"]
    now += {"age": OPEN_SECONDS, "a clock set back": -60}.get(limit, 0)
    writer.append(b"last\n")
    assert sorted(_states(folder)) == ["open", "ready"]
    assert writer.hand_over() is True


def test_what_a_sleeper_writes_after_its_segment_was_taken_is_not_lost(folder: Path) -> None:
    now = 1e9
    writer = Writer(str(folder), DESTINATION, clock=lambda: now)
    writer.append(b"before\n")
    now += ABANDONED_SECONDS + 60
    queue = Queue(str(folder))
    queue.adopt(now)
    (name,) = queue.ready()
    queue.remove(name)
    writer.append(b"after\n")
    assert _lines(folder) == [b"after\n"]


def test_a_segment_that_was_removed_is_not_written_to(folder: Path) -> None:
    writer = Writer(str(folder), DESTINATION)
    writer.append(b"before\n")
    next(folder.iterdir()).unlink()
    writer.append(b"after\n")
    assert _lines(folder) == [b"after\n"]


def test_a_folder_that_was_emptied_is_not_made_again(folder: Path) -> None:
    writer = Writer(str(folder), DESTINATION)
    writer.append(b"x\n")
    Queue(str(folder)).empty()
    for _ in range(2):
        with pytest.raises(OSError):
            writer.append(b"y\n")
    assert not folder.exists()


def test_a_descriptor_that_became_another_file_is_never_written_to(
    folder: Path, tmp_path: Path
) -> None:
    writer = Writer(str(folder), DESTINATION)
    writer.append(b"x\n")
    (segment,) = folder.iterdir()
    (number,) = [
        int(fd) for fd in os.listdir("/dev/fd") if os.path.realpath(f"/dev/fd/{fd}") == str(segment)
    ]
    with open(tmp_path / "users", "w+b") as users:
        os.dup2(users.fileno(), number)
        writer.append(b"y\n")
        assert users.read() == b""
    os.close(number)
    assert sorted(_lines(folder)) == [b"x\n", b"y\n"]


@pytest.mark.parametrize("obstacle", ["file", "link", "link to nothing"])
def test_something_else_in_the_folders_place_is_an_error_and_stays(
    folder: Path, tmp_path: Path, obstacle: str
) -> None:
    folder.parent.mkdir()
    target = tmp_path / "target"
    if obstacle == "file":
        folder.write_text("mine")
    else:
        folder.symlink_to(target)
        if obstacle == "link":
            target.mkdir()
    writer = Writer(str(folder), DESTINATION)
    for _ in range(2):
        with pytest.raises(OSError):
            writer.append(b"x\n")
    writer.hand_over()
    assert obstacle != "file" or folder.read_text() == "mine"
    assert not target.exists() or not list(target.iterdir())


def test_a_full_disk_is_an_error_and_spares_the_events_around_it(folder: Path) -> None:
    # A clock of its own: a step back of the real one would give the cut line a segment of its own.
    writer = Writer(str(folder), DESTINATION, clock=lambda: 1e9)
    writer.append(b"before\n")
    with largest_file(2000), pytest.raises(OSError):
        writer.append(b"half" * 1000 + b"\n")
    writer.append(b"after\n")
    lines = _lines(folder)
    assert len(lines) == 3
    (cut,) = set(lines) - {b"before\n", b"after\n"}
    assert (b"half" * 1000).startswith(cut)


@pytest.mark.parametrize(
    ("segments", "size"),
    [
        (2 * MOST_SEGMENTS, 0),
        (2 * MOST_BYTES // SEGMENT_BYTES + 1, SEGMENT_BYTES),
    ],
    ids=["files", "bytes"],
)
def test_a_queue_that_nobody_delivers_does_not_grow_for_ever(
    folder: Path, segments: int, size: int
) -> None:
    fill(folder, segments - 1, size)
    writer = Writer(str(folder), DESTINATION)
    writer.append(b"x\n")  # the last that there is room for
    writer.hand_over()
    os.truncate(next(folder.glob("17*-host-1-1-*.ready")), 2 * size)
    with pytest.raises(OSError, match="queue is full"):
        writer.append(b"x\n")


def test_a_full_queue_counts_as_full_for_a_while(folder: Path) -> None:
    fill(folder, 2 * MOST_SEGMENTS)
    now = 1e9
    writer = Writer(str(folder), DESTINATION, clock=lambda: now)
    with pytest.raises(OSError, match="queue is full"):
        writer.append(b"x\n")
    next(folder.iterdir()).unlink()
    now += LOOK_SECONDS - 1
    with pytest.raises(OSError, match="queue is full"):
        writer.append(b"x\n")
    now += 1
    writer.append(b"y\n")
    writer.hand_over()
    assert b"y\n" in _lines(folder)


@pytest.mark.parametrize("back", [3600, 0.5])
def test_a_clock_that_was_set_back_makes_no_queue_full_for_long(folder: Path, back: float) -> None:
    fill(folder, 2 * MOST_SEGMENTS)
    now = 1e9
    writer = Writer(str(folder), DESTINATION, clock=lambda: now)
    with pytest.raises(OSError, match="queue is full"):
        writer.append(b"x\n")
    next(folder.iterdir()).unlink()
    now -= back
    writer.append(b"y\n")


def test_small_files_beside_large_ones_are_measured_where_it_matters(folder: Path) -> None:
    fill(folder, 2 * MOST_SEGMENTS - 10)
    for path in sorted(folder.iterdir())[: 2 * MOST_BYTES // SEGMENT_BYTES + 1]:
        os.truncate(path, SEGMENT_BYTES)
    with pytest.raises(OSError, match="queue is full"):
        Writer(str(folder), DESTINATION).append(b"x\n")


COUNTING = """
import os, sys
looks = []
def note(event, args):
    if event in ("os.listdir", "os.scandir") and "analytics-spool" in str(args[0]):
        looks.append(event)
sys.addaudithook(note)
"""
"""Notes how often the system is asked what is in the queue's folder."""

APPENDING = """
from cecli.analytics.destination import Destination
from cecli.analytics.spool.writer import Writer
writer = Writer(sys.argv[1], Destination("http://127.0.0.1:9", "k"), clock=lambda: 1e9)
kept = 0
for number in range(int(sys.argv[2])):
    try:
        writer.append(b"x\\n")
        kept += 1
    except OSError:
        pass
print(kept, len(looks))
"""


@pytest.mark.parametrize(
    ("segments", "events", "kept", "most"),
    [
        (0, 10_000, 10_000, 1),  # 40 segments
        (MOST_SEGMENTS, 10_000, 10_000, 1),
        (2 * MOST_SEGMENTS - 1, 10_000, SEGMENT_EVENTS, 2),
        (2 * MOST_SEGMENTS, 10_000, 0, 1),
    ],
    ids=["empty", "half full", "all but full", "full"],
)
def test_the_folder_is_looked_at_only_now_and_then(
    folder: Path, segments: int, events: int, kept: int, most: int
) -> None:
    fill(folder, segments)
    done = subprocess.run(
        [sys.executable, "-c", COUNTING + APPENDING, str(folder), str(events)],
        check=True,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    found, looks = map(int, done.stdout.split())
    assert found == kept
    assert looks <= most


FULL_DISK = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
"""


def test_on_a_full_disk_not_every_event_looks_at_the_folder(folder: Path) -> None:
    fill(folder, MOST_SEGMENTS)
    done = subprocess.run(
        [sys.executable, "-c", COUNTING + FULL_DISK + APPENDING, str(folder), "1000"],
        check=True,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.stdout == "0 1\n"
    assert len(list(folder.iterdir())) == MOST_SEGMENTS


def test_a_session_looks_at_its_queue_once(scene: Scene) -> None:
    fill(scene.folder, MOST_SEGMENTS)
    # So that no deliverer takes what waits.
    scene.back_off_from(scene.destination, time.time() + 1000)
    shown = scene.run_program(f"{COUNTING}{PROGRAM}analytics.close()\nprint(len(looks))")
    assert shown == "on\n1\n"
    assert len(scene.waiting) == MOST_SEGMENTS + 1


def test_threads_lose_and_mix_nothing(folder: Path) -> None:
    writer = Writer(str(folder), DESTINATION)
    lines = [[b"%d-%d %s\n" % (t, n, b"x" * 300) for n in range(500)] for t in range(8)]

    def write(mine: list[bytes]) -> None:
        for number, line in enumerate(mine):
            writer.append(line)
            if number % 50 == 0:
                writer.hand_over()

    threads = [threading.Thread(target=write, args=(mine,)) for mine in lines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.hand_over()
    assert sorted(_lines(folder)) == sorted(line for mine in lines for line in mine)


FORKING = """
import os, sys
from cecli.analytics.destination import Destination
from cecli.analytics.spool.writer import Writer
writer = Writer(sys.argv[1], Destination("http://127.0.0.1:9", "k"))
writer.append(b"parent 1\\n")
for number in range(5):
    child = os.fork()
    if not child:
        writer.hand_over()
        writer.append(b"child %d\\n" % number)
        writer.hand_over()
        os._exit(0)
    os.waitpid(child, 0)
writer.append(b"parent 2\\n")
"""


def test_a_forked_child_writes_a_segment_of_its_own(folder: Path) -> None:
    subprocess.run([sys.executable, "-c", FORKING, str(folder)], check=True)
    files = [file.read_bytes().splitlines()[1:] for file in sorted(folder.iterdir())]
    assert [b"parent 1", b"parent 2"] in files
    assert sorted(files[1:]) == [[b"child %d" % number] for number in range(5)]


SIGNALLED = """
import itertools, os, signal, sys
from cecli.analytics.destination import Destination
from cecli.analytics.spool.writer import Writer
writer = Writer(sys.argv[1], Destination("http://127.0.0.1:9", "k"))
counted = itertools.count()
def record(*_):
    writer.append(b"signal %d\\n" % next(counted))
    writer.hand_over()
    signal.setitimer(signal.ITIMER_REAL, 0.0002)
signal.signal(signal.SIGALRM, record)
signal.setitimer(signal.ITIMER_REAL, 0.0002)
for number in range(5000):
    writer.append(b"main %d\\n" % number)
signal.signal(signal.SIGALRM, signal.SIG_IGN)
writer.hand_over()
print(next(counted))
"""


def test_a_signal_handler_may_record_in_the_midst_of_another_event(folder: Path) -> None:
    child = subprocess.run(
        [sys.executable, "-c", SIGNALLED, str(folder)],
        check=True,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    expected = [f"main {number}\n" for number in range(5000)]
    expected += [f"signal {number}\n" for number in range(int(child.stdout))]
    assert sorted(_lines(folder)) == sorted(line.encode() for line in expected)


def test_a_session_that_is_killed_loses_no_event_that_was_taken(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(GUARD, "x")  # or a deliverer would take what is looked for here
    with scene.start_session(0) as session:
        assert session.stdout
        promised = [session.stdout.readline().strip() for _ in range(300)]
        session.kill()
        promised += session.stdout.read().split()
    Queue(scene.paths.spool).adopt(0)
    kept = [json.loads(line)["uuid"] for line in _lines(scene.folder)]
    assert kept[: len(promised)] == promised
    assert set(scene.waiting) == {"ready"}


def test_nothing_waits_in_a_folder_that_others_can_write(folder: Path) -> None:
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    with pytest.raises(OSError, match="can be written by others; mend it: chmod 700"):
        Writer(str(folder), DESTINATION).append(b"{}\n")
    assert _states(folder) == []
    folder.chmod(0o700)
    Writer(str(folder), DESTINATION).append(b"{}\n")
    assert len(_states(folder)) == 1
