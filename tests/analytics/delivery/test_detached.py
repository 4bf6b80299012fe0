"""The deliverer's process: what it needs to begin, and that it always ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from cecli.analytics.delivery.start import GUARD
from cecli.analytics.inspection.receiver import Receiver
from tests.analytics.scene import Scene
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
