"""Whose turn it is: one deliverer's, until it is done, dead or silent for too long."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cecli.analytics.delivery.start import start_deliverer
from cecli.analytics.spool import names, process
from cecli.analytics.spool.token import Token, is_valid
from tests.analytics.scene import Scene, dead, living
from tests.support import largest_file, no_file_left_open
from tools.user import PATIENCE


def _token(scene: Scene, content: object, age: float = 0) -> None:
    path = scene.folder / names.TOKEN
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    os.utime(path, (time.time() - age,) * 2)


@pytest.mark.parametrize(
    ("holder", "age", "starts"),
    [
        ("alive", 0, False),
        ("alive", 80, False),
        ("alive", 100, True),
        ("alive", -3600, True),
        ("dead", 0, True),
        ("on another machine", 0, False),
        ("on another machine", 100, True),
        ("being started", 0, False),
        ("being started", 40, True),
        ("nonsense", 0, False),
        ("nonsense", 40, True),
    ],
)
def test_a_valid_token_means_that_a_deliverer_runs(
    scene: Scene, holder: str, age: float, starts: bool
) -> None:
    scene.queue(1)
    holders = {
        "alive": process.identity(),
        "dead": dead(),
        "on another machine": "elsewhere-1-1",
        "being started": None,
        "nonsense": "../..",
    }
    _token(scene, {"nonce": "ab", "process": holders[holder]}, age)
    assert start_deliverer(scene.paths, scene.destination) is starts


@pytest.mark.parametrize("content", ["", "{", "[]", "{}"])
def test_a_damaged_token_is_void_after_a_while(scene: Scene, content: str) -> None:
    scene.queue(1)
    _token(scene, content)
    assert not start_deliverer(scene.paths, scene.destination)
    _token(scene, content, age=40)
    assert start_deliverer(scene.paths, scene.destination)


@pytest.mark.parametrize(
    ("age", "starting", "valid"),
    [(29.9, True, True), (30, True, False), (89.9, False, True), (90, False, False)],
)
def test_a_token_is_valid_for_a_while(age: float, starting: bool, valid: bool) -> None:
    assert is_valid(age, starting=starting) is valid


def test_a_token_that_is_renewed_names_its_deliverer(scene: Scene) -> None:
    scene.queue(1)
    mine = scene.take_token(None)
    assert mine.holder() is None
    assert mine.renew()
    assert mine.holder() == process.identity()


def test_a_token_leaves_no_file_open(scene: Scene) -> None:
    scene.queue(1)
    with no_file_left_open():
        scene.take_token(None)


def test_a_token_behind_a_link_is_nobodys(scene: Scene, tmp_path: Path) -> None:
    scene.queue(1)
    mine = scene.take_token(process.identity())
    scene.folder.rename(tmp_path / "elsewhere")
    scene.folder.symlink_to(tmp_path / "elsewhere")
    assert mine.holder() is None
    assert not mine.is_held()


def test_a_token_is_taken_once(scene: Scene) -> None:
    scene.queue(1)
    first = scene.take_token(process.identity())
    assert not Token(scene.paths.spool).take(None)
    assert first.renew()
    first.release()
    assert not first.renew()
    assert Token(scene.paths.spool).take(None)


def test_a_token_that_was_never_taken_is_nobodys(scene: Scene) -> None:
    scene.queue(1)
    _token(scene, {"nonce": "", "process": None})
    assert not Token(scene.paths.spool).is_held()


def test_a_full_disk_leaves_no_token(scene: Scene) -> None:
    scene.queue(1)
    with largest_file(0):
        assert not Token(scene.paths.spool).take(process.identity())
    assert not Token(scene.paths.spool).is_taken()
    assert not (scene.folder / names.TOKEN).exists()


def test_a_token_is_kept_while_its_deliverer_is_yet_to_begin(scene: Scene) -> None:
    scene.queue(1)
    mine = scene.take_token(None)
    old = time.time() - 40
    os.utime(scene.folder / names.TOKEN, (old, old))
    assert not mine.is_taken()
    assert mine.keep()
    assert mine.is_taken()
    assert mine.holder() is None


@pytest.mark.parametrize("lost", ["taken over", "gone"])
def test_a_token_that_was_lost_is_not_kept(scene: Scene, lost: str) -> None:
    scene.queue(1)
    mine = scene.take_token(None)
    if lost == "gone":
        (scene.folder / names.TOKEN).unlink()
    else:
        assert Token(scene.paths.spool).take(process.identity(), in_turn=False)
    assert not mine.keep()


@pytest.mark.parametrize("at_work", [False, True])
def test_out_of_turn_a_token_is_taken_only_from_a_deliverer_that_is_yet_to_begin(
    scene: Scene, at_work: bool
) -> None:
    scene.queue(1)
    first = scene.take_token(process.identity() if at_work else None)
    assert Token(scene.paths.spool).take(process.identity(), in_turn=False) is not at_work
    assert first.renew() is at_work


def test_a_token_whose_place_is_taken_by_a_folder_is_had_by_nobody(scene: Scene) -> None:
    scene.folder.mkdir()
    path = scene.folder / names.TOKEN
    path.mkdir()
    os.utime(path, (0, 0))
    assert not Token(scene.paths.spool).take(None)


def test_a_token_is_not_renewed_on_a_full_disk(scene: Scene) -> None:
    scene.queue(1)
    mine = scene.take_token(process.identity())
    with largest_file(0):
        assert not mine.renew()
    assert mine.renew()


KEEPS = """
import sys
from cecli.analytics.spool.token import Token, is_valid
def hook(event, args):
    if event == "os.utime":
        raise PermissionError(13, "Permission denied")
token = Token(sys.argv[1])
assert token.take(None)
sys.addaudithook(hook)
print(token.keep(), token.is_held())
"""


def test_a_token_whose_time_cant_be_set_is_not_kept(scene: Scene) -> None:
    scene.queue(1)
    program = [sys.executable, "-c", KEEPS, scene.paths.spool]
    ended = subprocess.run(program, stdout=subprocess.PIPE, text=True, check=True)
    assert ended.stdout == "False True\n"


@pytest.mark.skipif(sys.platform != "linux", reason="needs a hold on a process (pidfd)")
def test_the_deliverer_that_a_token_names_is_ended(scene: Scene) -> None:
    scene.queue(1)
    with living() as (deliverer, identity):
        _token(scene, {"nonce": "ab", "process": identity}, age=1000)
        assert Token(scene.paths.spool).end_deliverer(PATIENCE)
    assert deliverer.returncode == -signal.SIGKILL


@pytest.mark.parametrize(("age", "ended"), [(0, False), (80, False), (100, True)])
def test_a_deliverer_that_cant_be_ended_from_here_is_waited_for_until_its_token_is_void(
    scene: Scene, age: float, ended: bool
) -> None:
    scene.queue(1)
    _token(scene, {"nonce": "ab", "process": "elsewhere-1-1"}, age)
    assert Token(scene.paths.spool).end_deliverer(patience=0) is ended
