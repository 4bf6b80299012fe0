"""``cecli-analytics status`` as a user runs it."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from cecli.analytics.consent.file import ConsentFile
from cecli.analytics.delivery.back_off import BackOff
from cecli.analytics.inspection.receiver import Receiver
from tests.analytics.faults import FaultyReceiver
from tests.analytics.scene import KEY, Scene, line, run, start
from tools.user import Terminal, User, until

OFF = 3


def data(**options: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("status", "--json", **options).stdout)
    return found


def destined(scene: Scene) -> dict[str, str]:
    return {
        "CECLI_ANALYTICS_POSTHOG_HOST": scene.destination.host,
        "CECLI_ANALYTICS_POSTHOG_PROJECT_API_KEY": KEY,
    }


def test_status_of_a_fresh_home_touches_nothing(home: Path) -> None:
    shown = run("status")
    assert shown.returncode == OFF
    assert "never asked" in shown.stdout
    assert "nothing; ~/.cecli/analytics-spool" in shown.stdout
    assert not list(home.iterdir())


def test_where_events_leave_the_code_is_0(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in destined(scene).items():
        monkeypatch.setenv(name, value)
    shown = run("status")
    assert shown.returncode == 0
    assert shown.stdout.startswith("analytics of cecli is on: you agreed\n")
    assert scene.user_id in shown.stdout
    assert f"yes, to {scene.destination.host}" in shown.stdout


@pytest.mark.parametrize("agreed", [False, True])
def test_without_a_key_status_says_so_and_advises_what_helps(user: User, agreed: bool) -> None:
    if agreed:
        user.agree()
    shown = run("status").stdout
    assert "nowhere: there is no PostHog project key to send with" in shown
    assert "not set (cecli's own: none here)" in shown
    assert ("cecli-analytics enable" in shown) is not agreed
    assert ("cecli --analytics-posthog-project-api-key KEY" in shown) is agreed
    assert ("forgets the id" in shown) is agreed
    assert data()["delivery"]["has_key"] is False


def test_a_setting_that_cant_be_read_is_one_sentence_and_code_2(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CECLI_ANALYTICS", "maybe")
    shown = run("status")
    assert shown.returncode == 2
    assert shown.stdout == ""
    assert shown.stderr == (
        "cecli-analytics: error: CECLI_ANALYTICS (environment): 'maybe' is neither true nor false\n"
    )


def test_each_option_has_its_value_its_source_and_what_it_overrode(user: User) -> None:
    user.write(
        home=f"# mine\nanalytics: true\nanalytics-posthog-project-api-key: {KEY}\n",
        folder="analytics: false\n",
    )
    shown = user.run("cecli-analytics", "status", variables={"CECLI_ANALYTICS_LOG": "x.jsonl"})
    text = " ".join(shown.stdout.split())
    folder = "~/projects/repository/src/.cecli.conf.yml:1"
    assert (
        f"analytics false, by analytics: false in {folder}; "
        "over true, by analytics: true in ~/.cecli.conf.yml:2"
    ) in text
    assert "analytics-log x.jsonl, by CECLI_ANALYTICS_LOG (environment)" in text
    assert "analytics-posthog-host not set (https://app.posthog.com)" in text
    assert f"api-key {KEY[:4]}...{KEY[-4:]}, by" in text
    assert KEY not in text


def test_for_a_script_there_is_the_same_as_json(scene: Scene) -> None:
    scene.queue(3)
    found = data()
    assert {"state", "reason", "id", "settings", "consent", "queue", "delivery"} <= set(found)
    assert found["state"] == "off"
    assert found["id"] == scene.user_id
    assert found["queue"]["events"] == 3
    assert [each["agreed"] for each in found["consent"]["destinations"]] == [True]


def test_a_queue_a_failure_and_the_last_delivery(scene: Scene, receiver: Receiver) -> None:
    scene.queue(3)
    receiver.mode = "401"
    scene.deliver()
    shown = " ".join(run("status").stdout.split())
    assert "3 events in 1 file, " in shown
    assert "status 401: the project key or the host is wrong; 1 failure, left alone until" in shown
    assert "Nothing is lost: check the host and the key" in shown
    assert KEY not in shown
    (failing,) = data()["delivery"]["failing"]
    assert failing["failures"] == 1


def test_a_server_that_is_gone_for_good_is_told(scene: Scene, receiver: Receiver) -> None:
    scene.queue(3)
    receiver.mode = "410"
    scene.deliver()
    shown = " ".join(run("status").stdout.split())
    assert f"gone {scene.destination.host}: status 410: it takes nothing any more" in shown
    assert (KEY in shown, "failing" in shown) == (False, False)


def test_nothing_is_said_against_a_server_that_is_being_asked(
    scene: Scene, receiver: Receiver
) -> None:
    scene.queue(1)
    receiver.mode = "hang"
    with start("deliver") as child:
        until(lambda: receiver.requests)
        shown = run("status").stdout
        child.kill()
    assert "now       a delivery is under way" in shown
    assert "failing" not in shown
    assert "ended before an answer; 1 failure" in run("status").stdout


@pytest.mark.parametrize(
    ("why", "advice"),
    [
        ("no answer (ConnectionError)", "check the network and the proxy"),
        ("status 503", "it is tried again by itself"),
        ("status 429", "it is tried again by itself"),
        ("status 404: the project key or the host is wrong", "check the host and the key"),
    ],
)
def test_for_each_failure_there_is_what_to_do(scene: Scene, why: str, advice: str) -> None:
    state = scene.state
    state.back_offs[scene.destination.id] = BackOff(1, 0, why)
    scene.queue(1)
    state.save()
    assert f"Nothing is lost: {advice}" in " ".join(run("status").stdout.split())


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ("disabled", "is off: it is permanently disabled"),
        ("unreadable", "is off: the consent record is not JSON"),
        ("do not track", "is off: DO_NOT_TRACK is set"),
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
    assert text in run("status").stdout


def test_who_will_be_asked_is_told_so(user: User) -> None:
    words = ["-c", "from cecli.main import inspect; inspect(['status'])"]
    environ = user.process_environ({"CECLI_ANALYTICS": "true"})
    terminal = Terminal(*words, cwd=user.folder, env=environ)
    terminal.finish()
    told = "you haven't answered; the next session asks you (CECLI_ANALYTICS=true (environment))"
    assert told in " ".join(terminal.shown.split())
    assert not user.consent.exists()


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
    assert "the consent record can be written by others; " in shown.stdout.replace("\n", " ")
    assert "warning: ~/.cecli.conf.yml can be written by others, " in shown.stderr


def everything(folder: Path) -> dict[str, tuple[int, bytes | None]]:
    """Return all that is in a folder: modes, and what the files hold."""
    return {
        str(path): (path.stat().st_mode, path.read_bytes() if path.is_file() else None)
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize("value", ["true", "false"])
@pytest.mark.parametrize("option", ["analytics", "no-analytics", "analytics-disable"])
@pytest.mark.parametrize("by", ["variable", "home file"])
def test_a_switch_is_shown_as_it_was_said(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, option: str, value: str, by: str
) -> None:
    for name, text in destined(scene).items():
        monkeypatch.setenv(name, text)
    if by == "variable":
        monkeypatch.setenv("CECLI_" + option.upper().replace("-", "_"), value)
    else:
        (scene.home / ".cecli.conf.yml").write_text(f"{option}: {value}\n")
    assert data()["settings"][option]["value"] == value
    shown = run("status")
    assert f"{option} {value}, by " in " ".join(shown.stdout.split())
    assert shown.returncode == (0 if (value == "true") == (option == "analytics") else OFF)


@pytest.mark.parametrize("verb", [["status"], ["status", "--json"], ["preview"], ["events"]])
def test_who_only_looks_changes_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, verb: list[str]
) -> None:
    scene.queue(2)
    monkeypatch.setenv("CECLI_ANALYTICS_DISABLE", "true")
    before = everything(scene.home)
    looked = run(*verb)
    assert looked.stdout
    assert (looked.returncode, looked.stderr) == (3 if verb[0] == "status" else 0, "")
    assert everything(scene.home) == before
    assert stat.S_IMODE(os.stat(scene.consent).st_mode) == 0o600


@pytest.mark.parametrize("columns", ["40", "80"])
def test_no_line_is_wider_than_the_terminal_but_one_of_a_single_word(
    user: User, columns: str
) -> None:
    code = (
        "import fcntl, struct, sys, termios\n"
        f"fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('HHHH', 24, {columns}, 0, 0))\n"
        "from cecli.main import inspect; inspect(sys.argv[1:])"
    )
    for verb in ("status", "preview"):
        terminal = Terminal("-c", code, verb, cwd=user.folder, env=user.process_environ())
        terminal.finish()
        wide = [row for row in terminal.shown.split("\n") if len(row) > int(columns)]
        assert all(len(row.split()) <= 1 for row in wide), wide
