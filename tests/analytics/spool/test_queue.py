"""Which segments may be taken, and what is dropped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cecli.analytics.destination import Destination
from cecli.analytics.spool import process
from cecli.analytics.spool.names import LOST, SET_ASIDE, STATE, SegmentName
from cecli.analytics.spool.queue import Queue
from cecli.analytics.spool.segment import (
    ABANDONED_SECONDS,
    OLDEST_SECONDS,
    Lost,
    write_header,
)
from tests.analytics.scene import Scene, dead
from tests.support import no_file_left_open


def _segment(scene: Scene, owner: str, ending: str = "open", age: float = 0) -> Path:
    scene.folder.mkdir(exist_ok=True)
    created = int((time.time() - age) * 1000)
    path = scene.folder / f"{created:013d}-{owner}-{os.urandom(4).hex()}.{ending}"
    path.write_bytes(write_header(scene.destination.target) + b"".join(scene.lines(1)))
    return path


@pytest.mark.parametrize(
    ("owner", "age", "adopted"),
    [
        ("self", 0, False),
        ("self", ABANDONED_SECONDS + 9, True),
        ("dead", 0, True),
        ("another machine's", 0, False),
        ("another machine's", ABANDONED_SECONDS + 9, True),
        ("a number given out again", 0, True),
    ],
)
def test_an_open_segment_is_taken_from_a_dead_writer_only(
    scene: Scene, owner: str, age: float, adopted: bool
) -> None:
    me = process.identity()
    owners = {
        "self": me,
        "dead": dead(),
        "another machine's": "elsewhere-1-1",
        "a number given out again": me.rpartition("-")[0] + "-1",
    }
    _segment(scene, owners[owner], age=age)
    Queue(scene.paths.spool).adopt(time.time())
    assert scene.waiting == ["ready" if adopted else "open"]


@pytest.mark.parametrize(
    ("claimer", "adopted"), [("self", False), ("dead", True), ("another machine's", True)]
)
def test_a_claim_is_void_unless_its_deliverer_lives(
    scene: Scene, claimer: str, adopted: bool
) -> None:
    claimers = {"self": process.identity(), "dead": dead(), "another machine's": "elsewhere-1-1"}
    _segment(scene, "writer-1-1", f"{claimers[claimer]}.claimed")
    Queue(scene.paths.spool).adopt(time.time())
    assert scene.waiting == ["ready" if adopted else "claimed"]


def test_a_segment_is_claimed_by_one_deliverer_only(scene: Scene) -> None:
    scene.queue(1)
    queue = Queue(scene.paths.spool)
    (name,) = queue.ready()
    assert queue.claim(name)
    assert queue.claim(name) is None


def test_what_is_older_than_thirty_days_is_dropped_and_counted(scene: Scene) -> None:
    old = _segment(scene, "elsewhere-1-1", "ready", age=OLDEST_SECONDS + 60)
    young = _segment(scene, "elsewhere-1-1", "ready", age=OLDEST_SECONDS - 60)
    assert scene.deliver(heed_back_offs=False).unsent.dropped == 1
    assert scene.state.unsent.dropped == 1
    assert not old.exists()
    assert not young.exists()  # delivered


def test_emptying_removes_all_that_is_ours(scene: Scene) -> None:
    scene.queue(1)
    scene.deliver()
    scene.queue(1)
    for ending in ("open", "ready", f"{process.identity()}.claimed"):
        _segment(scene, "elsewhere-1-1", ending)
    for name in (SET_ASIDE, "deliverer.token", "delivery.json.0a1b2c3d.tmp"):
        (scene.folder / name).write_text("")
    Queue(scene.paths.spool).empty()
    assert not scene.folder.exists()


def test_emptying_follows_no_link(scene: Scene, tmp_path: Path) -> None:
    scene.queue(1)
    scene.folder.rename(tmp_path / "elsewhere")
    scene.folder.symlink_to(tmp_path / "elsewhere")
    Queue(scene.paths.spool).empty()
    assert len(list((tmp_path / "elsewhere").iterdir())) == 1
    assert Queue(scene.paths.spool).segments() == []


def test_a_folder_that_is_not_there_holds_nothing(scene: Scene) -> None:
    Queue(scene.paths.spool).empty()
    assert Queue(scene.paths.spool).ready() == []


def test_what_was_set_aside_is_dropped_line_by_line_as_it_ages(scene: Scene) -> None:
    scene.queue(1)
    now = time.time()
    fields = json.loads(scene.lines(1)[0])
    young, old = (
        json.dumps({**fields, "time": now - age}).encode() + b"\n"
        for age in (OLDEST_SECONDS - 60, OLDEST_SECONDS + 60)
    )
    aside = scene.folder / SET_ASIDE
    aside.write_bytes(old + young + b"damaged\n")
    Queue(scene.paths.spool).prune(now)
    assert aside.read_bytes() == young
    Queue(scene.paths.spool).prune(now + 120)
    assert not aside.exists()
    assert not list(scene.folder.glob("*.tmp"))


NOW = 1_700_000_000.0
DAY = 24 * 3600


class Spool:
    """A spool folder that is filled by hand, and the queue in it."""

    def __init__(self, scene: Scene) -> None:
        self.folder = scene.folder
        self.folder.mkdir()
        self.target = scene.destination.target
        self.queue = Queue(scene.paths.spool)
        self._line = scene.lines(1)[0]

    def put(
        self,
        age: float,
        *,
        ending: str = "ready",
        events: int = 1,
        destination: Destination | None = None,
        lost: Lost | None = None,
        raw: bytes | None = None,
    ) -> SegmentName:
        """Write a segment of that age, in seconds before :data:`NOW`; return its name."""
        written = f"{int((NOW - age) * 1000):013d}-elsewhere-1-1-{os.urandom(4).hex()}.{ending}"
        target = destination.target if destination else self.target
        content = write_header(target, lost) + self._line * events if raw is None else raw
        (self.folder / written).write_bytes(content)
        name = SegmentName.parse(written)
        assert name
        return name

    @property
    def files(self) -> list[str]:
        return sorted(os.listdir(self.folder))


@pytest.fixture
def spool(scene: Scene) -> Spool:
    return Spool(scene)


def test_segments_are_listed_from_the_oldest_and_nothing_else_is(spool: Spool) -> None:
    young, old = spool.put(1), spool.put(2, ending="open")
    (spool.folder / "notes.txt").write_text("")
    assert spool.queue.segments() == [old, young]
    assert spool.queue.ready() == [young]


def test_a_file_in_the_folders_place_holds_no_segments(spool: Spool) -> None:
    spool.folder.rmdir()
    spool.folder.write_text("")
    assert spool.queue.segments() == []


@pytest.mark.parametrize(("age", "adopted"), [(DAY, False), (DAY + 1, True)])
def test_an_open_segment_of_another_machine_is_taken_after_a_day(
    spool: Spool, age: float, adopted: bool
) -> None:
    name = spool.put(age, ending="open")
    spool.queue.adopt(NOW)
    assert spool.files == [name.ready if adopted else name.file]


def test_adopting_removes_what_a_killed_process_was_about_to_write(spool: Spool) -> None:
    for file in (f"{STATE}.0a1b2c3d.tmp", "notes.0a1b2c3d.tmp", STATE):
        (spool.folder / file).write_text("")
    spool.queue.adopt(NOW)
    assert spool.files == [STATE, "notes.0a1b2c3d.tmp"]


def test_a_claim_can_be_given_back(spool: Spool) -> None:
    name = spool.put(1)
    claimed = spool.queue.claim(name)
    assert claimed
    assert (claimed.state, claimed.owner) == ("claimed", process.identity())
    assert spool.files == [claimed.file]
    spool.queue.release(claimed)
    assert spool.files == [name.file]


def test_a_segment_that_is_gone_counts_as_empty(spool: Spool) -> None:
    name = spool.put(1, events=2)
    assert (spool.queue.lines(name), spool.queue.size(name) > 0) == (2, True)
    spool.queue.remove(name)
    assert (spool.queue.lines(name), spool.queue.size(name)) == (0, 0)
    spool.queue.remove(name)
    spool.queue.release(name)
    for read in (spool.queue.header, spool.queue.read):
        with pytest.raises(OSError, match="No such file"):
            read(name)


def test_what_is_kept_of_a_segment_is_those_events_without_the_counts(spool: Spool) -> None:
    name = spool.put(1, events=3, lost=Lost(1, 2, 3))
    found = spool.queue.read(name)
    spool.queue.keep(found, found.events[:1])
    kept = spool.queue.read(name)
    assert kept.header
    assert (kept.header.target, kept.header.lost) == (spool.target, Lost())
    assert kept.events == found.events[:1]


def test_a_segment_without_a_destination_is_kept_as_it_is(spool: Spool) -> None:
    name = spool.put(1, raw=b"damaged\n")
    spool.queue.keep(spool.queue.read(name), [])
    assert (spool.folder / name.file).read_bytes() == b"damaged\n"


@pytest.mark.parametrize(("size", "is_added"), [(0, True), (999_999, True), (1_000_000, False)])
def test_a_million_bytes_are_set_aside_and_no_more(spool: Spool, size: int, is_added: bool) -> None:
    aside = spool.folder / SET_ASIDE
    aside.write_bytes(b"x" * size)
    events = spool.queue.read(spool.put(1, events=2)).events
    spool.queue.set_aside(events)
    added = b"".join(event.line for event in events) if is_added else b""
    assert aside.read_bytes()[size:] == added


def test_what_is_within_the_caps_stays(spool: Spool) -> None:
    names = [spool.put(age) for age in (30 * DAY, 2, 1)]
    size = sum(map(spool.queue.size, names))
    assert spool.queue.prune(NOW, most_segments=3, most_bytes=size) == {}
    assert spool.queue.segments() == names


@pytest.mark.parametrize("limit", ["segments", "bytes"])
def test_of_too_much_the_oldest_go_and_no_more_than_must(spool: Spool, limit: str) -> None:
    names = [spool.put(age, events=events) for age, events in ((4, 5), (3, 2), (2, 1), (1, 1))]
    sizes = [*map(spool.queue.size, names)]
    most = {"most_segments": 3} if limit == "segments" else {"most_bytes": sum(sizes) - 1}
    assert spool.queue.prune(NOW, **most) == {spool.target: 5}
    assert spool.queue.segments() == names[1:]
    most = {"most_segments": 1} if limit == "segments" else {"most_bytes": sizes[-1]}
    assert spool.queue.prune(NOW, **most) == {spool.target: 3}
    assert spool.queue.segments() == names[3:]


@pytest.mark.parametrize(("age", "stays"), [(30 * DAY, True), (30 * DAY + 1, False)])
def test_what_is_older_than_thirty_days_goes(spool: Spool, age: float, stays: bool) -> None:
    old, young = spool.put(age), spool.put(1)
    dropped = spool.queue.prune(NOW)
    assert dropped == ({} if stays else {spool.target: 1})
    assert spool.queue.segments() == ([old] if stays else []) + [young]


@pytest.mark.parametrize(("age", "stays"), [(DAY, True), (DAY + 1, False)])
def test_what_a_session_may_still_write_stays_and_the_next_goes(
    spool: Spool, age: float, stays: bool
) -> None:
    written, other = spool.put(age, ending="open"), spool.put(2)
    spool.queue.prune(NOW, most_segments=1)
    assert spool.queue.segments() == [written if stays else other]


def test_what_is_dropped_is_counted_by_its_destination(spool: Spool) -> None:
    other = Destination("https://other.example.com", "phc_o")
    spool.put(4, events=3)
    spool.put(3, events=2, destination=other)
    spool.put(2, raw=b"damaged\n{}\n")
    spool.put(1, events=4)
    assert spool.queue.prune(NOW, most_segments=0) == {
        spool.target: 7,
        (other.id, other): 2,
        None: 1,
    }
    assert spool.files == []


def test_counts_that_nobody_has_told_rest_again_and_are_not_dropped(spool: Spool) -> None:
    spool.put(40 * DAY, events=0, lost=Lost(1, 2, 3))
    assert spool.queue.prune(NOW) == {}
    assert spool.files == [LOST[0]]


def test_what_waits_for_one_destination_is_forgotten_alone(spool: Spool) -> None:
    other = Destination("https://other.example.com", "phc_o")
    spool.put(4)
    (spool.folder / LOST[0]).write_bytes(write_header(spool.target, Lost(1, 0, 0)))
    (spool.folder / LOST[1]).write_bytes(write_header(other.target, Lost(1, 0, 0)))
    kept = [spool.put(3, destination=other), spool.put(2, raw=b"damaged\n")]
    spool.queue.forget(spool.target.id)
    assert spool.files == [*(name.file for name in kept), LOST[1]]


@pytest.mark.parametrize(("age", "stays"), [(30 * DAY, True), (30 * DAY + 0.001, False)])
def test_what_was_set_aside_is_kept_for_thirty_days(spool: Spool, age: float, stays: bool) -> None:
    fields = {**json.loads(spool._line), "time": NOW - age}
    aside = spool.folder / SET_ASIDE
    aside.write_bytes(json.dumps(fields).encode() + b"\n")
    spool.queue.prune(NOW)
    assert aside.exists() is stays


def test_what_was_set_aside_ages_where_a_last_batch_made_it_larger_than_a_million(
    spool: Spool,
) -> None:
    fields = {**json.loads(spool._line), "time": NOW - 31 * DAY}
    line = json.dumps(fields).encode() + b"\n"
    aside = spool.folder / SET_ASIDE
    aside.write_bytes(line * (1_500_000 // len(line)))
    spool.queue.prune(NOW)
    assert not aside.exists()


def test_what_was_set_aside_is_written_anew_only_to_drop_something(spool: Spool) -> None:
    aside = spool.folder / SET_ASIDE
    fields = json.loads(spool._line)
    old, young = ({**fields, "time": NOW - age * DAY} for age in (31, 1))
    aside.write_text(f"{json.dumps(young)}\n")
    file = aside.stat().st_ino
    spool.queue.prune(NOW)
    assert aside.stat().st_ino == file
    aside.write_text(f"{json.dumps(old)}\n{json.dumps(young)}\n")
    spool.queue.prune(NOW)
    assert aside.read_text() == f"{json.dumps(young)}\n"


def test_what_is_set_aside_leaves_no_file_open(spool: Spool) -> None:
    with no_file_left_open():
        spool.queue.set_aside([])


MEANWHILE = """
import os, shutil, sys
from cecli.analytics.spool.queue import Queue
folder, asked, moment, does = sys.argv[1:]
def hook(event, args):
    if event == moment and str(args[0]).startswith(folder):
        globals()["moment"] = None
        exec(does)
sys.addaudithook(hook)
print(eval(f"Queue(folder).{asked}"), os.path.exists(folder))
"""


def asked_meanwhile(spool: Spool, asked: str, moment: str, does: str) -> str:
    """Return what a queue answers, and whether its folder is there then.

    Another process *does* something at the first *moment*, one of Python's audit events.
    """
    program = [sys.executable, "-c", MEANWHILE, str(spool.folder), asked, moment, does]
    ended = subprocess.run(program, stdout=subprocess.PIPE, text=True, check=True)
    return ended.stdout.rstrip("\n")


@pytest.mark.parametrize(
    ("moment", "does"),
    [
        ("os.listdir", "shutil.rmtree(folder)"),
        ("os.remove", "shutil.rmtree(folder)"),
        ("os.remove", "os.rename(args[0], args[0].replace('.open', '.ready'))"),
        ("os.rmdir", "open(folder + '/notes', 'x').close(); os.unlink(folder + '/notes')"),
    ],
    ids=["before the list", "before the first file", "a file is handed over", "before the end"],
)
def test_what_others_do_meanwhile_stops_no_emptying(spool: Spool, moment: str, does: str) -> None:
    spool.put(1, ending="open")
    assert asked_meanwhile(spool, "empty()", moment, does) == "None False"


@pytest.mark.parametrize(
    ("asked", "answer"), [("segments()", "[]"), ("empty()", "permission denied")]
)
def test_a_folder_that_cant_be_listed_holds_nothing_and_says_why(
    spool: Spool, asked: str, answer: str
) -> None:
    spool.put(1)
    fails = "raise PermissionError(13, 'Permission denied')"
    assert asked_meanwhile(spool, asked, "os.listdir", fails) == f"{answer} True"


def test_a_segment_that_others_can_write_is_no_destinations(spool: Spool) -> None:
    (spool.folder / spool.put(40 * DAY).file).chmod(0o666)
    spool.queue.forget(spool.target.id)
    assert spool.queue.prune(NOW) == {None: 1}


def test_emptying_leaves_the_files_of_others_and_their_folder(spool: Spool) -> None:
    spool.put(1)
    (spool.folder / "notes.txt").write_text("")
    assert spool.queue.empty() is None
    assert spool.files == ["notes.txt"]


def test_emptying_tells_of_a_link(spool: Spool, tmp_path: Path) -> None:
    spool.folder.rename(tmp_path / "elsewhere")
    spool.folder.symlink_to(tmp_path / "elsewhere")
    assert spool.queue.empty() == "it is a link"


def test_emptying_tells_of_what_it_cant_remove(spool: Spool) -> None:
    (spool.folder / STATE).mkdir()
    name = spool.put(1)
    assert spool.queue.empty() == "is a directory"
    assert name.file not in spool.files
