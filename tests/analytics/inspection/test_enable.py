"""``cecli-analytics enable`` and ``disable``: a no is no dead end, and a yes can be taken back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cecli.analytics.consent.file import ConsentFile
from cecli.analytics.destination import Destination
from tests.analytics.scene import Scene, run
from tools.user import DEFAULT, Home, Terminal, User

ENABLE = ("-c", "import sys; from cecli.main import inspect; sys.exit(inspect(['enable']))")
ASK = "(Y)es/(N)o [Yes]: "


def answer(user: User, typed: str) -> tuple[int, str]:
    terminal = Terminal(*ENABLE, cwd=user.folder, env=user.process_environ())
    terminal.wait_for(ASK)
    terminal.type(typed)
    code = terminal.finish()
    return code, terminal.shown


@pytest.mark.parametrize("before", ["nothing", "disabled", "refused here"])
def test_a_yes_holds_whatever_was_answered_before(user: User, before: str) -> None:
    old = user.agree(DEFAULT if before == "nothing" else Destination("https://x.example", "phc_x"))
    if before == "nothing":
        user.consent.unlink()
    elif before == "disabled":
        ConsentFile(user.paths).disable()
    else:
        user.agree(DEFAULT, agreed=False)
    code, shown = answer(user, "y\n")
    record = ConsentFile(user.paths).load()
    assert code == 0
    assert record.agreed(DEFAULT.id) is True
    assert DEFAULT.id in record.answered
    assert str(record.uuid) in shown
    assert (record.uuid == old) == (before == "refused here")


def test_a_yes_without_a_key_is_told_to_send_nothing(user: User) -> None:
    shown = answer(user, "y\n")[1]
    assert "nothing is sent all the same: there is no PostHog project key to send with" in shown


@pytest.mark.parametrize("typed", ["n\n", "\x04", "\x03"])
def test_anything_else_changes_nothing(user: User, typed: str) -> None:
    user.agree()
    ConsentFile(user.paths).disable()
    before = user.consent.read_bytes()
    code, shown = answer(user, typed)
    assert code == 1
    assert "nothing has changed" in shown
    assert user.consent.read_bytes() == before


def test_a_first_no_is_for_good(user: User) -> None:
    code, shown = answer(user, "n\n")
    assert code == 1
    assert "nothing is collected; cecli-analytics enable asks you again" in " ".join(shown.split())
    assert ConsentFile(user.paths).load().permanently_disable


def test_a_no_beside_a_yes_is_for_the_destination_alone(user: User) -> None:
    other = Destination("https://x.example.com", "phc_x")
    user.agree(other)
    code, _ = answer(user, "n\n")
    record = ConsentFile(user.paths).load()
    assert (code, record.agreed(DEFAULT.id), record.agreed(other.id)) == (1, False, True)


def test_without_a_terminal_nobody_is_asked(home: Path) -> None:
    done = run("enable")
    assert done.returncode == 1
    assert done.stderr == (
        "cecli-analytics: you can't be asked here: there is no terminal to ask on\n"
    )
    assert not list(home.iterdir())


def test_what_keeps_it_off_all_the_same_is_told(user: User) -> None:
    user.write(home="analytics: false\n")
    _, shown = answer(user, "y\n")
    assert "here it stays off all the same: analytics: false in ~/.cecli.conf.yml:1" in shown


def test_who_has_agreed_is_not_asked_again(user: User) -> None:
    user.agree()
    terminal = Terminal(*ENABLE, cwd=user.folder, env=user.process_environ())
    assert terminal.finish() == 0
    assert "you have agreed already" in terminal.shown


def test_a_disable_shows_the_id_once_and_the_way_back(scene: Scene) -> None:
    scene.queue(2)
    done = run("disable")
    assert done.returncode == 0
    assert f"The id was {scene.user_id}: whoever wants sent events deleted needs it" in done.stdout
    assert "cecli-analytics enable asks you again" in done.stdout
    assert scene.user_id not in scene.consent.read_text()
    assert not scene.folder.exists()
    assert scene.user_id not in run("disable").stdout


def test_the_flag_does_the_same_as_the_verb(home: Path) -> None:
    said = []
    for words in (["cecli-analytics", "disable"], ["cecli", "--analytics-disable"]):
        user = Home(home)
        id = user.agree()
        said.append(user.run(*words).stdout.replace(id, "ID").partition(": ")[2])
        user.consent.unlink()
    assert said[0] == said[1]


def test_a_yes_to_one_destination_can_be_taken_back_alone(scene: Scene) -> None:
    other = Destination("https://other.example.com", "phc_other")
    scene.agree(other)
    scene.queue(2)
    scene.queue(3, other)
    done = run("disable", "other.example.com")
    assert done.returncode == 0
    answers = json.loads(scene.consent.read_text())["destinations"]
    assert answers == {scene.destination.id: True, other.id: False}
    assert len(scene.waiting) == 1


def test_a_host_that_nobody_has_agreed_to_is_told_with_those_that_are(scene: Scene) -> None:
    done = run("disable", "other.example.com")
    assert done.returncode == 1
    assert done.stderr == (
        "cecli-analytics: you haven't agreed to send events to https://other.example.com; "
        f"you have to {scene.destination.host}\n"
    )


def test_a_no_to_the_question_names_the_way_back(user: User) -> None:
    words = ["-c", "import sys; from cecli.main import main; sys.exit(main(['--analytics']))"]
    terminal = Terminal(*words, cwd=user.folder, env=user.process_environ())
    terminal.wait_for(ASK)
    terminal.type("n\n")
    terminal.finish()
    assert "nothing is collected; cecli-analytics enable asks you again" in terminal.shown
