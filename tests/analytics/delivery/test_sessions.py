"""Many sessions and deliverers at once, and the killing of them."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
from collections.abc import Iterator

import pytest

from cecli.analytics.delivery import token
from cecli.analytics.delivery.receiver import Receiver
from tests.analytics.scene import Scene, run
from tests.waiting import until


def _finish(sessions: list[subprocess.Popen[str]]) -> tuple[list[str], int]:
    """Wait for sessions; return the uuids that they were promised and how many launched."""
    ends = [session.communicate() for session in sessions]
    promised = [uuid for out, _ in ends for uuid in out.split("\n")[:-1]]
    return promised, sum('"launched": true' in err for _, err in ends)


def test_thirty_sessions_that_end_at_once_make_one_stream_of_requests(
    scene: Scene, receiver: Receiver
) -> None:
    sessions = [scene.start_session(20) for _ in range(30)]
    promised, launched = _finish(sessions)
    until(lambda: len(receiver.items) >= 600)
    scene.wait_for_quiet()
    assert sorted(item["uuid"] for item in receiver.items) == sorted(promised)
    assert 1 <= launched <= 10
    assert len(receiver.requests) <= 30


def _kill_deliverers(scene: Scene, chance: random.Random) -> Iterator[None]:
    while True:
        holder = token._read(scene.paths.spool)[1]
        if holder and chance.random() < 0.3:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(holder.rsplit("-", 2)[1]), 9)
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
    scene.wait_for_quiet()
    quiet = run("deliver")
    assert quiet.returncode == 0, quiet
    assert scene.waiting == []
    received: dict[str, tuple[str, str, str]] = {}
    for item in receiver.items:
        known_by = (item["distinct_id"], item["event"], item["timestamp"])
        assert received.setdefault(item["uuid"], known_by) == known_by
    assert not set(promised) - set(received)
    assert len(promised) >= 14 * 200
