"""``cecli-analytics status`` as a user runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cecli.analytics.consent.record import ConsentFile
from cecli.analytics.inspection.receiver import Receiver
from tests.analytics.faults import FaultyReceiver
from tests.analytics.scene import KEY, Scene, line, run, start
from tools.user import until


def test_status_of_a_fresh_home_touches_nothing(home: Path) -> None:
    shown = run("status")
    assert shown.returncode == 0
    assert "consent:  never asked" in shown.stdout
    assert "0 files" in shown.stdout
    assert not list(home.iterdir())


def test_status_shows_queue_failure_and_last_delivery(scene: Scene, receiver: Receiver) -> None:
    scene.queue(3)
    receiver.mode = "401"
    scene.deliver()
    shown = run("status").stdout
    assert f"agreed for {scene.destination.id}" in shown
    assert "1 file, " in shown
    assert "status 401: the project key or the host is wrong; 1 failure, left alone until" in shown
    assert "last: " in shown
    assert KEY not in shown


def test_status_tells_of_a_server_that_is_gone(scene: Scene, receiver: Receiver) -> None:
    scene.queue(3)
    receiver.mode = "410"
    scene.deliver()
    shown = run("status").stdout
    assert f"gone:     {scene.destination.id}: status 410: it takes nothing any more" in shown
    assert (KEY in shown, "failing" in shown) == (False, False)


def test_status_says_nothing_against_a_server_that_is_being_asked(
    scene: Scene, receiver: Receiver
) -> None:
    scene.queue(1)
    receiver.mode = "hang"
    with start("deliver") as child:
        until(lambda: receiver.requests)
        shown = run("status").stdout
        child.kill()
    assert "now:      a delivery is under way" in shown
    assert "failing" not in shown
    assert "ended before an answer; 1 failure" in run("status").stdout


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ("disabled", "off: analytics is permanently disabled"),
        ("unreadable", "off: the file is not JSON"),
        ("do not track", "off: DO_NOT_TRACK is set"),
    ],
)
def test_status_shows_why_it_is_off(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, state: str, text: str
) -> None:
    if state == "disabled":
        ConsentFile(scene.paths).disable()
    elif state == "unreadable":
        Path(scene.paths.consent).write_text("{")
    else:
        monkeypatch.setenv("DO_NOT_TRACK", "1")
    assert f"consent:  {text}" in run("status").stdout


def test_status_shows_what_was_not_sent(home: Path) -> None:
    with FaultyReceiver(refuses=lambda item: item["event"] == "bad") as receiver:
        scene = Scene(home, receiver.url)
        scene.queue_lines([*scene.lines(1), line(scene.user_id, "bad"), line(scene.user_id, "bad")])
        scene.deliver()
    assert "2 refused by the server" in run("status").stdout


def test_status_tells_of_a_record_and_a_config_file_that_others_can_write(scene: Scene) -> None:
    config = scene.home / ".cecli.conf.yml"
    config.write_text("analytics: true\n")
    for file in (config, scene.consent):
        file.chmod(0o666)
    shown = run("status")
    assert "consent:  off: the file can be written by others; " in shown.stdout
    assert "warning: ~/.cecli.conf.yml can be written by others, " in shown.stderr
