"""Which segments may be taken, and what is dropped."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from cecli.analytics.spool import process
from cecli.analytics.spool.names import SET_ASIDE
from cecli.analytics.spool.queue import Queue
from cecli.analytics.spool.segment import ABANDONED_SECONDS, OLDEST_SECONDS, write_header
from tests.analytics.scene import Scene, dead


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


@pytest.mark.parametrize("limit", [{"most_segments": 2}, {"most_bytes": 1000}])
def test_the_oldest_are_dropped_when_too_much_waits(scene: Scene, limit: dict[str, int]) -> None:
    files = [_segment(scene, "elsewhere-1-1", "ready", age=age) for age in (40, 30, 20, 10)]
    dropped = Queue(scene.paths.spool).prune(time.time(), **limit)
    kept = [file for file in files if file.exists()]
    assert 0 < len(kept) < 4
    assert kept == files[sum(dropped.values()) :]
    assert dropped.keys() == {scene.destination.target}


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
