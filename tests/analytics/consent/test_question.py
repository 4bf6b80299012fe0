"""The question, on a real pseudo-terminal, and what stands in the consent file afterwards."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cecli.analytics import ids
from cecli.analytics.consent.file import ConsentFile
from cecli.analytics.consent.record import ConsentRecord
from cecli.analytics.program import DEFAULT_HOST
from tools.user import Terminal, User

TEXT = """\
cecli respects your privacy and never collects your code, prompts, chats, keys or any personal
info.
For more info: https://cecli.dev/docs/more/analytics.html
Allow collection of anonymous analytics to help improve cecli? (Y)es/(N)o [Yes]: """
"""To the letter, as the documentation has it."""

ASK = "(Y)es/(N)o [Yes]: "
GUARDED = "(Y)es/(N)o [No]: "
"""Where a project is behind it."""
BACK = "nothing is collected; cecli-analytics enable asks you again"
THEIRS = "analytics-posthog-host: posthog.example.com\n"


def start(
    user: User,
    *argv: str,
    variables: Mapping[str, str] | None = None,
    stdout: Path | None = None,
) -> Terminal:
    return Terminal(
        "-m",
        "cecli.main",
        *(argv or ("--analytics",)),
        cwd=user.folder,
        env=user.process_environ(variables),
        stdout=stdout,
    )


def record(user: User) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(user.consent.read_text())
    return data


def test_the_text_is_to_the_letter(user: User) -> None:
    terminal = start(user)
    terminal.wait_for(ASK)
    assert terminal.shown == TEXT
    terminal.type("n\n")
    assert terminal.finish() == 0


@pytest.mark.parametrize("answer", ["yes", "y", "", "Y", "YES", "  yes  "])
def test_a_yes_is_stored_and_not_asked_for_again(user: User, answer: str) -> None:
    terminal = start(user)
    terminal.wait_for(ASK)
    terminal.type(answer + "\n")
    assert terminal.finish() == 0
    assert BACK not in terminal.shown
    found = record(user)
    assert ids.is_uuid4(found.pop("uuid"))
    assert list(found.pop("answered")) == [DEFAULT_HOST]
    assert found == {
        "asked_opt_in": True,
        "permanently_disable": False,
        "destinations": {DEFAULT_HOST: True},
    }
    again = start(user)
    assert again.finish() == 0
    assert ASK not in again.shown
    assert "you agreed" in again.shown


@pytest.mark.parametrize("answer", ["no", "n", "N", "NO"])
def test_a_no_disables_for_good(user: User, answer: str) -> None:
    terminal = start(user)
    terminal.wait_for(ASK)
    terminal.type(answer + "\n")
    assert terminal.finish() == 0
    assert BACK in terminal.shown
    assert record(user) == {
        "uuid": None,
        "asked_opt_in": True,
        "permanently_disable": True,
        "destinations": {},
    }
    again = start(user)
    assert again.finish() == 0
    assert ASK not in again.shown
    assert "--analytics has no effect: it is permanently disabled" in again.shown


def test_nonsense_is_asked_again(user: User) -> None:
    terminal = start(user)
    for times, answer in enumerate(("maybe", "yesno", "\udcff", "--yes", "yes"), start=1):
        terminal.wait_for(ASK, times)
        terminal.type(answer + "\n")
    assert terminal.finish() == 0
    assert terminal.shown.count(ASK) == 5
    assert terminal.shown.count("\nPlease type y or n.\n") == 4
    assert record(user)["destinations"] == {DEFAULT_HOST: True}


@pytest.mark.parametrize("keys", ["\x04", "\x03", "y\x04\x04", "yes\x03"])
def test_the_end_of_the_file_and_ctrl_c_are_no_answer(user: User, keys: str) -> None:
    terminal = start(user)
    terminal.wait_for(ASK)
    terminal.type(keys)
    assert terminal.finish() == 0
    assert "Traceback" not in terminal.shown
    found = record(user)
    assert (found["asked_opt_in"], found["permanently_disable"]) == (False, False)
    again = start(user)
    again.wait_for(ASK)
    again.type("n\n")
    assert again.finish() == 0


@pytest.mark.parametrize(
    "variables",
    [{"CI": "true"}, {"CI": "yes"}, {"DO_NOT_TRACK": "1"}],
    ids=lambda variables: next(iter(variables)),
)
def test_where_nobody_is_asked_nothing_is_stored(user: User, variables: Mapping[str, str]) -> None:
    terminal = start(user, variables=variables)
    assert terminal.finish() == 0
    assert ASK not in terminal.shown
    assert not user.consent.parent.exists()


@pytest.mark.parametrize("value", ["", "0", "false"])
def test_a_ci_variable_that_says_no_counts_as_not_set(user: User, value: str) -> None:
    terminal = start(user, variables={"CI": value})
    terminal.wait_for(ASK)
    terminal.type("n\n")
    assert terminal.finish() == 0


def test_no_analytics_neither_asks_nor_stores(user: User) -> None:
    terminal = start(user, "--no-analytics")
    assert terminal.finish() == 0
    assert not user.consent.parent.exists()


def test_an_output_that_is_no_terminal_is_not_asked_on(user: User) -> None:
    output = user.folder / "output"
    terminal = start(user, stdout=output)
    terminal.type("y\n")  # if it asks, it is answered
    assert terminal.finish() == 0
    first = output.read_text().splitlines()[0]
    assert first == "analytics  off: you weren't asked: there is no terminal to ask on"
    assert not user.consent.parent.exists()


def test_a_process_in_the_background_is_not_asked(user: User) -> None:
    import sys

    program = (
        "import os, subprocess, sys; "
        "subprocess.run(sys.argv[1:], preexec_fn=lambda: os.setpgid(0, 0))"
    )
    terminal = Terminal(
        "-c",
        program,
        sys.executable,
        "-m",
        "cecli.main",
        "--analytics",
        cwd=user.folder,
        env=user.process_environ(),
    )
    assert terminal.finish() == 0
    assert "there is no terminal to ask on" in terminal.shown


def test_another_destination_is_named_before_the_question(user: User) -> None:
    user.write(
        folder="analytics-posthog-host: posthog.example.com\n"
        "analytics-posthog-project-api-key: phc_theirs\n"
    )
    terminal = start(user)
    terminal.wait_for(GUARDED)
    assert (
        "Here the events would go to https://posthog.example.com "
        "(set by analytics-posthog-host in ~/projects/repository/src/.cecli.conf.yml:1"
    ) in terminal.shown.replace("\n", " ")
    assert "phc_theirs" not in terminal.shown
    terminal.type("y\n")
    assert terminal.finish() == 0
    answers = record(user)["destinations"]
    assert list(answers.values()) == [True]
    assert DEFAULT_HOST not in answers
    assert "phc_theirs" not in user.consent.read_text()


def test_who_agreed_is_asked_for_a_projects_destination_and_a_no_is_for_it_alone(
    user: User,
) -> None:
    first = start(user)
    first.wait_for(ASK)
    first.type("y\n")
    assert first.finish() == 0
    user.write(folder=THEIRS)
    second = start(user, "--analytics-log", "log.jsonl")
    second.wait_for(GUARDED)
    second.type("n\n")
    assert second.finish() == 0
    assert record(user)["destinations"] == {
        DEFAULT_HOST: True,
        "https://posthog.example.com": False,
    }
    third = start(user)
    assert third.finish() == 0
    assert "(Y)es" not in third.shown


BEHIND = {
    # the file of the project, and the words that the user types
    "it asks": ("analytics: true\n", []),
    "it names the host": (THEIRS, ["--analytics"]),
    "it names the key": ("analytics-posthog-project-api-key: phc_theirs\n", ["--analytics"]),
    "it asks and names the host": (f"analytics: true\n{THEIRS}", []),
    "it names the key of the user's host": (
        "analytics-posthog-project-api-key: phc_theirs\n",
        ["--analytics", "--analytics-posthog-host", "own.example.com"],
    ),
}


@pytest.fixture(params=BEHIND.values(), ids=list(BEHIND))
def behind(request: pytest.FixtureRequest) -> tuple[str, list[str]]:
    """Return the file of a project that is behind the question, and the words that are typed."""
    text, argv = request.param
    return text, [*argv, "--analytics-log", "log.jsonl"]


@pytest.mark.parametrize("source", ["root", "folder"])
def test_where_a_project_is_behind_it_enter_is_no_answer(
    user: User, behind: tuple[str, list[str]], source: str
) -> None:
    text, argv = behind
    user.write(**{source: text})
    terminal = start(user, *argv)
    terminal.wait_for(GUARDED)
    terminal.type("\n")
    assert terminal.finish() == 0
    assert "you gave no answer" in terminal.shown
    kept = record(user)
    assert ids.is_uuid4(kept.pop("uuid"))
    assert kept == {"asked_opt_in": False, "permanently_disable": False, "destinations": {}}


@pytest.mark.parametrize("source", ["root", "folder"])
def test_where_a_project_is_behind_it_what_is_neither_yes_nor_no_is_asked_again(
    user: User, behind: tuple[str, list[str]], source: str
) -> None:
    text, argv = behind
    user.write(**{source: text})
    terminal = start(user, *argv)
    for times, answer in enumerate(("ok", ""), start=1):
        terminal.wait_for(GUARDED, times)
        terminal.type(answer + "\n")
    assert terminal.finish() == 0
    assert "Please type y or n." in terminal.shown
    assert record(user)["destinations"] == {}


@pytest.mark.parametrize("source", ["root", "folder"])
def test_where_a_project_is_behind_it_a_typed_yes_agrees_also_after_no_answer(
    user: User, behind: tuple[str, list[str]], source: str
) -> None:
    text, argv = behind
    user.write(**{source: text})
    for answer in ("", "yes"):
        terminal = start(user, *argv)
        terminal.wait_for(GUARDED)
        before = user.consent.read_bytes()
        terminal.type(answer + "\n")
        assert terminal.finish() == 0
        assert (user.consent.read_bytes() == before) is (answer == "")
    assert list(record(user)["destinations"].values()) == [True]


@pytest.mark.parametrize("asks", ["", "analytics: true\n"])
def test_a_no_to_what_a_project_named_leaves_the_users_own_question_open(
    user: User, asks: str
) -> None:
    user.write(folder=asks + THEIRS)
    first = start(user)
    first.wait_for(GUARDED)
    first.type("n\n")
    assert first.finish() == 0
    kept = record(user)
    assert (kept["asked_opt_in"], kept["permanently_disable"]) == (False, False)
    assert kept["destinations"] == {"https://posthog.example.com": False}
    again = start(user)
    assert again.finish() == 0
    assert "(Y)es" not in again.shown
    assert "you refused to send events to https://posthog.example.com" in again.shown
    user.write(folder="")
    elsewhere = start(user)
    elsewhere.wait_for(ASK)
    elsewhere.type("y\n")
    assert elsewhere.finish() == 0
    assert record(user)["destinations"] == {
        "https://posthog.example.com": False,
        DEFAULT_HOST: True,
    }


def test_who_refused_a_project_alone_and_is_not_among_the_few_is_not_asked(user: User) -> None:
    user.consent.parent.mkdir(mode=0o700)
    refused = {"https://posthog.example.com": False}
    kept = {"asked_opt_in": False, "permanently_disable": False, "destinations": refused}
    kept["uuid"] = "ffffffff-ffff-4fff-bfff-ffffffffffff"
    user.consent.write_text(json.dumps(kept))
    user.consent.chmod(0o600)
    terminal = start(user, "--analytics-log", "log.jsonl")
    assert terminal.finish() == 0
    assert "(Y)es" not in terminal.shown
    assert "you weren't asked; --analytics asks you" in terminal.shown


def test_a_no_to_a_question_that_a_project_only_brought_about_is_for_good(user: User) -> None:
    user.write(folder="analytics: true\n")
    terminal = start(user, "--analytics-log", "log.jsonl")
    terminal.wait_for(GUARDED)
    terminal.type("n\n")
    assert terminal.finish() == 0
    assert record(user)["permanently_disable"] is True


def test_a_project_that_says_what_the_user_has_typed_changes_no_default(user: User) -> None:
    user.write(folder="analytics: true\n")
    terminal = start(user, "--analytics")
    terminal.wait_for(ASK)
    terminal.type("\n")
    assert terminal.finish() == 0
    assert record(user)["destinations"] == {DEFAULT_HOST: True}


def test_an_unreadable_record_asks_nothing_and_says_how_to_mend_it(user: User) -> None:
    user.consent.parent.mkdir()
    user.consent.write_text('{"uuid": "')
    terminal = start(user)
    assert terminal.finish() == 0
    assert (
        "cecli: analytics is off: ~/.cecli/analytics.json is not JSON; "
        "delete it to be asked again\n"
    ) in terminal.shown
    assert user.consent.read_text() == '{"uuid": "'


def test_a_home_that_cant_be_written_asks_nothing_and_goes_on(user: User) -> None:
    user.consent.parent.write_text("")
    terminal = start(user)
    assert terminal.finish() == 0
    assert ASK not in terminal.shown
    assert "nothing is collected: you can't be asked: ~/.cecli" in terminal.shown
    assert "analytics  off: you can't be asked: ~/.cecli" in terminal.shown


def test_an_answer_that_cant_be_kept_is_no_yes(user: User) -> None:
    ConsentFile(user.paths).update(ConsentRecord.with_id)
    Path(user.paths.lock).unlink()
    Path(user.paths.lock).mkdir()
    terminal = start(user)
    terminal.wait_for(ASK)
    terminal.type("y\n")
    assert terminal.finish() == 0
    assert "nothing is collected: your answer can't be kept: ~/.cecli" in terminal.shown
    assert "analytics  off: your answer can't be kept: ~/.cecli" in terminal.shown
    assert not record(user)["asked_opt_in"]


@pytest.mark.parametrize("early", ["\n", "y\n", "fix the bug\n\n", "n\n"])
def test_what_was_typed_before_the_question_is_no_answer(user: User, early: str) -> None:
    program = (
        "import sys; print('ready', flush=True); "
        "from cecli.main import main; "
        "open(sys.argv.pop(1)).read(); sys.exit(main())"
    )
    gate = user.home / "gate"
    os.mkfifo(gate)
    terminal = Terminal(
        "-c", program, str(gate), "--analytics", cwd=user.folder, env=user.process_environ()
    )
    terminal.wait_for("ready")
    terminal.type(early)
    terminal.wait_for(early.replace("\n", "").strip() or "\n")  # echoed, so it has arrived
    gate.write_text("go")
    terminal.wait_for(ASK)
    assert not record(user)["asked_opt_in"]
    terminal.type("no\n")
    assert terminal.finish() == 0
    assert record(user)["permanently_disable"]


@pytest.mark.parametrize("answer", ["\u00a0", "y\u00a0", "\x1f"])
def test_invisible_characters_are_no_answer(user: User, answer: str) -> None:
    terminal = start(user)
    terminal.wait_for(ASK)
    terminal.type(answer + "\n")
    terminal.wait_for(ASK, 2)
    terminal.type("n\n")
    assert terminal.finish() == 0
