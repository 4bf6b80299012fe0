"""``cecli-analytics deliver`` as a user runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cecli.analytics.consent.file import ConsentFile
from cecli.analytics.inspection.receiver import Receiver
from cecli.analytics.spool import process
from cecli.analytics.spool.writer import Writer
from tests.analytics.scene import Scene, run, start
from tools.user import until


def test_deliver_says_what_it_did(scene: Scene, receiver: Receiver) -> None:
    scene.queue(3)
    done = run("deliver")
    assert (done.returncode, done.stdout, done.stderr) == (0, "sent 3 events\n", "")
    assert len(receiver.items) == 3


def test_deliver_has_nothing_to_do_without_a_queue(home: Path) -> None:
    done = run("deliver")
    assert (done.returncode, done.stdout) == (0, "nothing waits to be delivered\n")
    assert not list(home.iterdir())


def test_deliver_fails_with_the_reason_and_tries_again_at_once_when_asked(
    scene: Scene, receiver: Receiver
) -> None:
    scene.queue(3)
    receiver.mode = "503"
    for _ in range(2):
        done = run("deliver")
        assert done.returncode == 1
        assert done.stdout == f"sent 0 events. {receiver.url}: status 503.\n"
    assert len(receiver.requests) == 2


def test_deliver_leaves_running_sessions_their_segment(scene: Scene, receiver: Receiver) -> None:
    running = Writer(scene.paths.spool, scene.destination)
    running.append(*scene.lines(1))
    done = run("deliver")
    assert done.returncode == 0
    assert "running sessions still write 1 more" in done.stdout
    assert scene.waiting == ["open"]
    running.hand_over()
    assert run("deliver").stdout == "sent 1 event\n"


def test_deliver_takes_turns(scene: Scene) -> None:
    scene.queue(1)
    scene.take_token(process.identity())
    done = run("deliver")
    assert (done.returncode, done.stderr) == (
        1,
        "cecli-analytics: another delivery is under way\n",
    )


@pytest.mark.parametrize("value", ["1", "true", "yes"])
def test_deliver_heeds_do_not_track(
    scene: Scene, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    scene.queue(1)
    monkeypatch.setenv("DO_NOT_TRACK", value)
    assert run("deliver").returncode == 1
    assert not receiver.requests
    assert scene.waiting == ["ready"]


def test_deliver_after_a_disable_empties_the_queue(scene: Scene, receiver: Receiver) -> None:
    scene.queue(1)
    ConsentFile(scene.paths).disable()
    done = run("deliver")
    assert "Analytics is disabled; the queue was emptied." in done.stdout
    assert not receiver.requests
    assert not scene.folder.exists()


def test_deliver_can_be_interrupted_and_loses_nothing(scene: Scene, receiver: Receiver) -> None:
    scene.queue(1)
    receiver.mode = "hang"
    with start("deliver") as child:
        until(lambda: receiver.requests)
        child.send_signal(2)
        assert child.wait() == 130
        assert child.stderr
        assert "Traceback" not in child.stderr.read()
    assert scene.waiting == ["ready"]
