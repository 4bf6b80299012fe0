"""A click and a typer program with analytics, each in a process of its own."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import click
import configargparse
import pytest
from click.testing import CliRunner

from cecli.analytics import add_arguments
from cecli.analytics.destination import Destination
from cecli.analytics.integrations.click import add_options, current
from cecli.analytics.program import DEFAULT_HOST
from cecli.analytics.settings.options import OPTIONS
from tools.user import Terminal, User

PROGRAMS = {kind: Path(__file__).with_name(f"{kind}_program.py") for kind in ("click", "typer")}
KEY = "phc_test"
OURS = Destination(DEFAULT_HOST, KEY)
programs = pytest.mark.parametrize("kind", PROGRAMS)


def run(user: User, kind: str, *argv: str, **variables: str) -> subprocess.CompletedProcess[str]:
    # Plain and wide: typer's help is a drawing else, whose columns cut names short.
    plain = {"COLUMNS": "200", "TERMINAL_WIDTH": "200", "TERM": "dumb", "NO_COLOR": "1"}
    program = [sys.executable, str(PROGRAMS[kind]), *argv]
    return user.run(*program, variables={**plain, **variables}, cwd=user.folder)


def logged(user: User, kind: str, *argv: str, code: int = 0, **variables: str) -> list[str]:
    """Run a program with a log; return the names of the events in it."""
    log = user.home / "log.jsonl"
    ended = run(user, kind, "--analytics-log", str(log), *argv, **variables)
    assert ended.returncode == code, ended.stderr
    return [json.loads(line)["event"] for line in log.read_text().splitlines()]


def disabled(user: User) -> bool:
    return user.consent.exists() and json.loads(user.consent.read_text())["permanently_disable"]


@programs
def test_the_help_has_the_options_with_their_variables(user: User, kind: str) -> None:
    shown = " ".join(run(user, kind, "--help").stdout.split())
    for option in OPTIONS:
        assert f"--{option.name} " in shown
        assert "CECLI_" + option.name.upper().replace("-", "_") in shown
    assert shown.count("[env var: ") == len(OPTIONS)


@programs
def test_the_help_asks_and_makes_nothing(user: User, kind: str) -> None:
    run(user, kind, "--help", CECLI_ANALYTICS="true")
    assert not Path(user.paths.folder).exists()


@programs
def test_a_command_records_what_it_does(user: User, kind: str) -> None:
    assert logged(user, kind, "add", "milk") == ["command_add"]


@programs
@pytest.mark.parametrize(
    ("ending", "code"),
    [("abort", 1), ("no input", 1), ("exit", 3), ("sys.exit", 3), ("message", None)],
)
def test_an_end_that_click_knows_keeps_its_code_and_is_no_crash(
    user: User, kind: str, ending: str, code: int | None
) -> None:
    if code is None:  # a BadParameter is a mistake of the user's
        code = 1 if kind == "click" else 2
    assert logged(user, kind, "add", "milk", "--ending", ending, code=code) == ["command_add"]


@programs
def test_a_crash_is_recorded_and_shown(user: User, kind: str) -> None:
    events = logged(user, kind, "add", "milk", "--ending", "crash", code=1)
    assert events == ["command_add", "$exception"]
    ended = run(user, kind, "add", "milk", "--ending", "crash")
    assert "ZeroDivisionError" in ended.stderr


MISTYPED = [["--bogus"], ["add", "milk", "--bogus"], ["ad"], ["--analytics-log"]]


@programs
@pytest.mark.parametrize("argv", MISTYPED, ids=" ".join)
def test_a_typo_is_shown_as_click_shows_it_and_is_no_crash(
    user: User, kind: str, argv: list[str]
) -> None:
    log = user.home / "log.jsonl"
    ended = run(user, kind, *argv, CECLI_ANALYTICS_LOG=str(log))
    assert ended.returncode == 2
    assert "Error" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not log.exists() or log.read_text() == ""


@programs
@pytest.mark.parametrize(
    "argv",
    [
        ["--analytics-disable", "--bogus"],
        ["--bogus", "--analytics-disable"],
        ["--analytics-disable", "ad"],
        ["add", "--analytics-disable"],
        ["add", "milk", "--analytics-disable"],
        ["--analytics-disable", "--analytics-posthog-host", "no host"],
    ],
    ids=" ".join,
)
def test_a_disable_beside_a_mistake_is_heeded(user: User, kind: str, argv: list[str]) -> None:
    user.agree()
    ended = run(user, kind, *argv)
    assert disabled(user)
    assert "permanently disabled" in ended.stdout
    assert "Traceback" not in ended.stderr


@programs
def test_a_disable_in_a_variable_is_heeded_beside_a_mistake(user: User, kind: str) -> None:
    user.agree()
    ended = run(user, kind, "--bogus", CECLI_ANALYTICS_DISABLE="1")
    assert disabled(user)
    assert ended.returncode == 2


@programs
def test_a_disable_beside_two_mistakes_is_heeded_and_the_first_is_told(
    user: User, kind: str
) -> None:
    user.agree()
    ended = run(user, kind, "--analytics-disable", "--bogus", CECLI_ANALYTICS="perhaps")
    assert disabled(user)
    assert "--bogus" in ended.stderr
    assert "Traceback" not in ended.stderr


@programs
@pytest.mark.parametrize(
    "argv", [["add", "milk", "--", "--analytics-disable"], ["--", "--analytics-disable"]]
)
def test_what_stands_behind_two_dashes_disables_nothing(
    user: User, kind: str, argv: list[str]
) -> None:
    user.agree()
    ended = run(user, kind, *argv)
    assert ended.returncode == 2 or argv[0] == "--"  # click before 8.2 shows its help
    assert not disabled(user)


@programs
def test_a_disable_ends_the_program_before_its_command(user: User, kind: str) -> None:
    ended = run(user, kind, "--analytics-disable", "add", "milk")
    assert (ended.returncode, disabled(user)) == (0, True)
    assert "milk" not in ended.stdout


@programs
def test_the_variables_are_the_parsers_to_read(user: User, kind: str) -> None:
    log = user.home / "log.jsonl"
    ended = run(user, kind, "add", "milk", CECLI_ANALYTICS="", CECLI_ANALYTICS_LOG=str(log))
    assert ended.returncode == 0, ended.stderr
    assert "command_add" in log.read_text()


@programs
def test_a_variable_that_cant_be_read_is_a_sentence(user: User, kind: str) -> None:
    ended = run(user, kind, "add", "milk", CECLI_ANALYTICS="perhaps")
    assert ended.returncode == 2
    assert "CECLI_ANALYTICS" in ended.stderr
    assert "Traceback" not in ended.stderr


@programs
@pytest.mark.parametrize(
    ("line", "argv", "state"),
    [
        ("", [], "on"),
        ("no-analytics = true", [], "off"),
        ("no-analytics = true", ["--analytics"], "on"),
        ("analytics = true", ["--no-analytics"], "off"),
        ("", ["--analytics", "--no-analytics"], "off"),
    ],
)
def test_the_parsers_config_file_is_read_and_is_weaker_than_the_command_line(
    user: User, kind: str, line: str, argv: list[str], state: str
) -> None:
    lines = [line, f"analytics-posthog-project-api-key = {KEY}"]
    (user.home / "notes.conf").write_text("\n".join(lines))
    user.agree(OURS)
    assert run(user, kind, *argv, "add", "milk").stdout == f"milk: {state}\n"


@programs
def test_a_user_is_asked_at_a_terminal_and_the_answer_is_kept(user: User, kind: str) -> None:
    program = [str(PROGRAMS[kind]), "--analytics", "add", "milk"]
    terminal = Terminal(*program, cwd=user.folder, env=user.process_environ())
    terminal.wait_for("(Y)es/(N)o")
    terminal.type("n\n")
    assert terminal.finish() == 0
    assert disabled(user)


@pytest.mark.parametrize(("default", "state"), [("off", "off"), ("on", "on")])
def test_a_default_map_can_switch_off_but_not_on(user: User, default: str, state: str) -> None:
    user.agree(OURS)
    argv = ["--analytics-posthog-project-api-key", KEY, "add", "milk"]
    assert run(user, "click", *argv, DEFAULTS=default).stdout == f"milk: {state}\n"
    user.consent.unlink()
    assert run(user, "click", *argv, DEFAULTS=default).stdout == "milk: off\n"


def test_a_mistake_that_click_hands_on_is_no_crash(user: User) -> None:
    log = user.home / "log.jsonl"
    argv = ["--analytics-log", str(log), "add", "--bogus"]
    ended = run(user, "click", *argv, CALLED="1")
    assert ended.stdout == "UsageError 2\n"
    assert log.read_text() == ""


def test_a_completion_asks_and_makes_nothing(user: User) -> None:
    variables = {"COMP_WORDS": "notes --analytics-d", "COMP_CWORD": "1"}
    complete = "_CLICK_PROGRAM_PY_COMPLETE"
    for name in (complete, "_CLICK_PROGRAM.PY_COMPLETE"):
        variables[name] = "bash_complete"
    ended = run(user, "click", **variables, CECLI_ANALYTICS_DISABLE="1")
    assert "--analytics-disable" in ended.stdout
    assert not Path(user.paths.folder).exists()


# In this process


def parser() -> argparse.ArgumentParser:
    parser = configargparse.ArgumentParser(prog="notes")
    add_arguments(parser)
    return parser  # type: ignore[no-any-return]


def command() -> click.Command:
    @click.command()
    def notes() -> None:
        current().event("launched")

    return notes


def test_a_command_can_run_again_and_each_time_has_its_own(tmp_path: Path) -> None:
    notes = command()
    add_options(notes, parser())
    for number in range(2):
        log = tmp_path / str(number)
        ended = CliRunner().invoke(notes, ["--analytics-log", str(log)])
        assert ended.exit_code == 0, ended.output
        assert len(log.read_text().splitlines()) == 1
    with pytest.raises(RuntimeError, match="no command runs here"):
        current()


def test_options_that_are_there_already_are_a_clear_error() -> None:
    notes = command()
    add_options(notes, parser())
    with pytest.raises(ValueError, match="has an option --analytics already"):
        add_options(notes, parser())


@pytest.mark.parametrize(
    ("given", "parser", "expected"),
    [
        (len, parser(), "needs a click or typer command, not builtin_function_or_method"),
        (command(), configargparse.ArgumentParser(), "a parser that add_arguments was called on"),
    ],
)
def test_what_is_no_command_or_no_parser_is_a_clear_error(
    given: object, parser: argparse.ArgumentParser, expected: str
) -> None:
    with pytest.raises(TypeError, match=expected):
        add_options(given, parser)
