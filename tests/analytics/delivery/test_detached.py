"""The deliverer's process: what it needs to begin, and that it always ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from cecli.analytics.delivery.detached import LONGEST_PAUSE, pause
from cecli.analytics.delivery.start import GUARD
from cecli.analytics.inspection.receiver import Receiver
from cecli.analytics.spool.names import TOKEN
from cecli.analytics.spool.token import Token
from tests.analytics.scene import Scene, run
from tools.user import PATIENCE, until

MAIN = "from cecli.analytics.delivery.detached import main; main('cecli', {})"


def start(code: str, nonce: str = "") -> subprocess.Popen[bytes]:
    """Start a deliverer as a session does, but as a child that can be watched."""
    environ = {**os.environ, GUARD: nonce}
    return subprocess.Popen([sys.executable, "-c", code], env=environ, stdin=subprocess.DEVNULL)


def test_a_deliverer_that_hangs_is_ended(scene: Scene, receiver: Receiver) -> None:
    scene.queue(2)
    receiver.mode = "hang"
    mine = scene.take_token(None)
    # On a busy machine it ends before its request: by the same alarm.
    assert start(MAIN.format("lifetime=1"), mine.nonce).wait(PATIENCE) == -signal.SIGALRM


def test_what_a_host_made_of_the_alarm_keeps_no_deliverer_from_ending() -> None:
    ignored = "import signal, time; signal.signal(signal.SIGALRM, signal.SIG_IGN); "
    forever = f"; time.sleep({PATIENCE})"
    ended = start(ignored + MAIN.format("lifetime=1") + forever)
    assert ended.wait(PATIENCE) == -signal.SIGALRM


def test_a_deliverer_that_is_ended_in_a_request_leaves_a_back_off_and_its_claim_is_recovered(
    scene: Scene, receiver: Receiver
) -> None:
    scene.queue(2)
    receiver.mode = "hang"
    mine = scene.take_token(None)
    child = start(MAIN.format(60), mine.nonce)
    until(lambda: receiver.requests)
    child.send_signal(signal.SIGALRM)
    assert child.wait(PATIENCE) == -signal.SIGALRM
    assert scene.waiting == ["claimed"]
    assert scene.back_off
    receiver.mode = "ok"
    assert scene.deliver(heed_back_offs=False).sent == 2


def test_a_missing_sdk_is_a_reason_to_back_off(scene: Scene) -> None:
    scene.queue(1)
    mine = scene.take_token(None)
    code = "import sys; sys.modules['posthog'] = None; " + MAIN.format(60)
    assert start(code, mine.nonce).wait(PATIENCE) == 0
    assert scene.waiting == ["ready"]
    assert scene.back_off
    assert "can't be imported" in scene.back_off.why


def test_a_deliverer_without_the_token_does_nothing(scene: Scene, receiver: Receiver) -> None:
    scene.queue(1)
    assert start(MAIN.format(60), "another").wait(PATIENCE) == 0
    assert scene.waiting == ["ready"]
    assert not receiver.requests


@pytest.mark.parametrize(
    ("attended", "last_time", "longest"),
    [(True, 0, 0), (True, 1e9, 0), (False, 0, 0), (False, 1e9, LONGEST_PAUSE)],
)
def test_a_deliverer_pauses_where_nobody_sits_but_not_the_first_time(
    attended: bool, last_time: float, longest: float
) -> None:
    def pauses(chance: float) -> float:
        return pause(attended=attended, last_time=last_time, chance=chance)

    assert [pauses(0), pauses(0.5), pauses(1)] == [0, longest / 2, longest]


@pytest.fixture
def pausing(scene: Scene, receiver: Receiver) -> Iterator[subprocess.Popen[bytes]]:
    """Yield a deliverer that pauses for as long as one may."""
    scene.queue(1)
    scene.deliver()  # the first delivery, which doesn't pause
    scene.queue(1)
    mine = scene.take_token(None)
    old = time.time() - 20
    os.utime(scene.folder / TOKEN, (old, old))
    child = start(MAIN.format("attended=False, chance=lambda: 1"), mine.nonce)
    until(lambda: (scene.folder / TOKEN).stat().st_mtime > old + 1, "the beginning of its pause")
    yield child
    child.kill()
    child.wait()


def test_while_a_deliverer_pauses_no_other_starts_and_nothing_is_sent(
    scene: Scene, receiver: Receiver, pausing: subprocess.Popen[bytes]
) -> None:
    assert Token(scene.paths.spool).is_taken()
    assert not Token(scene.paths.spool).take(None)
    assert (scene.waiting, len(receiver.requests)) == (["ready"], 1)


def test_a_disable_has_nothing_to_wait_for_where_a_deliverer_pauses(
    scene: Scene, receiver: Receiver, pausing: subprocess.Popen[bytes]
) -> None:
    assert run("disable").returncode == 0
    assert not scene.folder.exists()
    assert pausing.poll() is None  # it still pauses
    assert pausing.wait(PATIENCE) == 0
    assert len(receiver.requests) == 1
    assert not scene.folder.exists()


def test_a_user_who_asks_for_a_delivery_gets_it_while_a_deliverer_pauses(
    scene: Scene, receiver: Receiver, pausing: subprocess.Popen[bytes]
) -> None:
    assert run("deliver").stdout == "sent 1 event\n"
    assert pausing.wait(PATIENCE) == 0
    assert len(receiver.requests) == 2


def test_after_its_pause_a_deliverer_delivers_what_was_handed_over_meanwhile(
    scene: Scene, receiver: Receiver
) -> None:
    scene.queue(1)
    scene.deliver()
    mine = scene.take_token(None)
    scene.queue(1)
    scene.queue(1)
    child = start(MAIN.format("attended=False, chance=lambda: 0.01"), mine.nonce)
    assert child.wait(PATIENCE) == 0
    assert (scene.waiting, len(receiver.requests)) == ([], 2)
