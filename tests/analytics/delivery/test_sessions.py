"""Many sessions and deliverers at once, and the killing of them."""

from __future__ import annotations

import contextlib
import os
import random
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cecli.analytics.consent.file import ConsentFile
from cecli.analytics.inspection.receiver import Receiver
from cecli.analytics.spool.queue import Queue
from tests.analytics.scene import KEY, Scene, run
from tools.user import until
from tools.wire import as_logged


def _finish(sessions: list[subprocess.Popen[str]]) -> tuple[list[str], int]:
    """Wait for sessions; return the uuids they were promised, and how many started a deliverer."""
    ends = [session.communicate() for session in sessions]
    promised = [uuid for out, _ in ends for uuid in out.split("\n")[:-1]]
    return promised, sum('"started": true' in err for _, err in ends)


def test_thirty_sessions_that_end_at_once_make_one_stream_of_requests(
    scene: Scene, receiver: Receiver
) -> None:
    gate, opener = os.pipe()
    sessions = [scene.start_session(20, stdin=gate) for _ in range(30)]
    os.close(gate)
    promised = [out.readline().strip() for s in sessions if (out := s.stdout) for _ in range(20)]
    os.close(opener)
    rest, started = _finish(sessions)
    assert (len(promised), rest) == (600, [])
    until(lambda: len(receiver.items) >= 600)
    scene.wait_for_quiet()
    assert sorted(item["uuid"] for item in receiver.items) == sorted(promised)
    assert 1 <= started <= 10
    assert_log_equals_wire(scene, receiver)
    assert len(receiver.requests) <= 30


def _kill_deliverers(scene: Scene, chance: random.Random) -> Iterator[None]:
    while True:
        deliverer = scene.deliverer()
        if deliverer and chance.random() < 0.3:
            with contextlib.suppress(ProcessLookupError):
                os.kill(deliverer, 9)
        yield


@pytest.mark.parametrize("seed", range(2))
def test_nothing_is_lost_and_nothing_doubled_when_anything_is_killed(
    scene: Scene, receiver: Receiver, seed: int
) -> None:
    chance = random.Random(seed)
    # Some run to their end, some are killed at a random event.
    sessions = [scene.start_session(200) for _ in range(14)]
    endless = [scene.start_session(0) for _ in range(6)]
    promised: list[str] = []
    for session, _ in zip(endless, _kill_deliverers(scene, chance), strict=False):
        assert session.stdout
        promised += [session.stdout.readline().strip() for _ in range(chance.randrange(1, 400))]
        session.kill()
    kill = _kill_deliverers(scene, chance)
    for session in sessions:
        session.wait()
        next(kill)
    promised += _finish(sessions)[0]
    for session in endless:
        with session:
            assert session.stdout
            promised += session.stdout.read().split()
    until(lambda: run("deliver").returncode == 0, "a deliverer that is done")
    assert scene.waiting == []
    received: dict[str, tuple[str, str, str]] = {}
    for item in receiver.items:
        known_by = (item["distinct_id"], item["event"], item["timestamp"])
        assert received.setdefault(item["uuid"], known_by) == known_by
    assert not set(promised) - set(received)
    assert len(promised) >= 14 * 200
    assert_log_equals_wire(scene, receiver)


def test_a_disable_while_events_wait_empties_the_queue_and_sends_nothing(
    scene: Scene, receiver: Receiver
) -> None:
    receiver.mode = "503"
    with scene.start_session(10) as session:
        session.communicate()
    until(lambda: receiver.requests)
    scene.wait_for_quiet()
    assert scene.waiting == ["ready"]
    requests = len(receiver.requests)
    disabled = scene.cecli("--analytics-disable")
    assert disabled.returncode == 0
    assert "permanently disabled" in disabled.stdout
    assert not scene.folder.exists()
    receiver.mode = "ok"
    assert "nothing waits" in run("deliver").stdout
    assert (len(receiver.requests), receiver.items) == (requests, [])


def test_the_key_stands_in_files_of_the_user_alone(scene: Scene, receiver: Receiver) -> None:
    receiver.mode = "503"
    with scene.start_session(10) as session:
        session.communicate()
    until(lambda: receiver.requests)
    scene.wait_for_quiet()
    files = [path for path in Path(scene.paths.home).rglob("*") if path.is_file()]
    holding = [path for path in files if KEY.encode() in path.read_bytes()]
    assert holding
    assert {stat.S_IMODE(path.stat().st_mode) for path in holding} == {0o600}
    assert all(path.parent == scene.folder for path in holding)


def test_a_session_that_records_on_after_a_disable_sends_nothing(
    scene: Scene, receiver: Receiver
) -> None:
    with scene.start_session(0) as session:
        assert session.stdout
        session.stdout.readline()
        ConsentFile(scene.paths).disable()
        Queue(scene.paths.spool).empty()
        for _ in range(600):  # more than two segments hold
            session.stdout.readline()
        session.kill()
    scene.wait_for_quiet()
    run("deliver")
    assert receiver.items == []
    assert not scene.folder.exists()


def assert_log_equals_wire(scene: Scene, receiver: Receiver) -> None:
    """Every received item is an event of a log, with the same contents and nothing else."""
    logged = {event["uuid"]: event for event in scene.logged()}
    assert receiver.items
    for item in receiver.items:
        assert as_logged(item) == logged[item["uuid"]]
