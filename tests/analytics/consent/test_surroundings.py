from __future__ import annotations

import io
import os
import pty
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest

from cecli.analytics.consent import surroundings
from tools.user import Terminal, User


@pytest.fixture
def terminal() -> Iterator[TextIO]:
    master, slave = pty.openpty()
    with os.fdopen(slave) as stream:
        yield stream
    os.close(master)


def test_a_folder_of_this_users_is_a_home_also_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    assert surroundings.no_home(str(tmp_path)) is None
    assert surroundings.no_home(str(tmp_path / "link")) is None


def test_what_isnt_there_is_no_home(tmp_path: Path) -> None:
    assert surroundings.no_home(None) == "there is no home folder to keep an answer in"
    absent = tmp_path / "absent"
    told = f"the home folder {absent} can't be found: no such file or directory"
    assert surroundings.no_home(str(absent)) == told


@pytest.mark.skipif(os.geteuid() == 0, reason="root is told of others in test_other_users")
def test_a_home_of_roots_is_no_home_of_another_users() -> None:
    told = "the home folder / belongs to another user; HOME should name your own"
    assert surroundings.no_home("/") == told


def is_terminal(stdin: TextIO | None, stdout: TextIO | None) -> bool:
    return surroundings.look({}, home=None, stdin=stdin, stdout=stdout).terminal


def test_a_terminal_of_another_session_is_none_to_ask_on(terminal: TextIO) -> None:
    # The test process isn't in its foreground, so reading from it could stop the process.
    assert not is_terminal(terminal, terminal)


def test_streams_that_are_missing_closed_or_no_terminals_are_none(terminal: TextIO) -> None:
    closed = io.StringIO()
    closed.close()
    for other in (None, io.StringIO(), closed):
        assert not is_terminal(terminal, other)
        assert not is_terminal(other, terminal)


LOOKS = """
import io, sys
from cecli.analytics.consent.surroundings import look
closed = io.StringIO()
closed.close()
for stdout in (sys.stdout, closed):
    print(look({}, home=None, stdin=sys.stdin, stdout=stdout).terminal)
"""


def test_a_person_before_a_terminal_can_read_only_what_is_open(user: User) -> None:
    shown = Terminal("-c", LOOKS, cwd=user.folder, env=user.process_environ())
    assert shown.finish() == 0
    assert shown.shown.split() == ["True", "False"]


class Claims(io.StringIO):
    """A stream of a program's own that says it is a terminal, and is no file."""

    def isatty(self) -> bool:
        return True


def test_a_stream_that_only_says_it_is_a_terminal_is_none_to_read_from(terminal: TextIO) -> None:
    assert not is_terminal(Claims(), terminal)


@pytest.mark.parametrize(
    ("value", "ci"),
    [("", False), ("0", False), ("false", False), ("False", False), ("true", True), ("1", True)],
)
def test_ci_is_any_variable_of_that_name_but_empty_0_and_false(value: str, ci: bool) -> None:
    assert surroundings.look({"CI": value}, home=None, stdin=None, stdout=None).ci is ci
