"""What the session runs in, as far as consent depends on it: home, terminal, CI, DO_NOT_TRACK."""

from __future__ import annotations

import os
from collections.abc import Mapping

from cecli import TYPE_CHECKING, ownership
from cecli.messages import because, shown
from cecli.named_tuple import NamedTuple

if TYPE_CHECKING:
    from typing import TextIO


class Surroundings(NamedTuple):
    """The facts that, beside settings and record, decide about a session."""

    no_home: str | None
    """Why there is no home folder to keep an answer in; None if there is one."""
    terminal: bool
    """Whether a person can read and answer a question here."""
    ci: bool
    do_not_track: bool


def look(
    environ: Mapping[str, str], *, home: str | None, stdin: TextIO | None, stdout: TextIO | None
) -> Surroundings:
    """Look around; a standard stream that is missing or closed is no terminal."""
    return Surroundings(
        no_home=no_home(home),
        terminal=_is_terminal(stdin) and _is_terminal(stdout) and _is_foreground(stdin),
        ci=is_set(environ.get("CI", "")),
        do_not_track=is_set(environ.get("DO_NOT_TRACK", "")),
    )


def no_home(home: str | None) -> str | None:
    """Return why nothing of this user's can be kept in *home*; None if it can.

    In another user's home (under ``sudo``, say) our files would be in that user's way. A link
    counts as the folder that it leads to. A home that can't be seen is in doubt, and isn't made
    either.
    """
    if home is None:
        return "there is no home folder to keep an answer in"
    try:
        status = os.stat(home)
    except OSError as error:
        return f"the home folder {shown(home)} can't be found: {because(error)}"
    if ownership.is_mine(status):
        return None
    return f"the home folder {shown(home)} belongs to another user; HOME should name your own"


def is_set(value: str) -> bool:
    """Tell whether a value of DO_NOT_TRACK or of CI says that it is so.

    >>> [is_set(value) for value in ("", "0", "False", "1", "no", " ")]
    [False, False, False, True, True, True]
    """
    return value.lower() not in ("", "0", "false")


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except (ValueError, OSError, AttributeError):  # closed, or put in place by the program
        return False


def _is_foreground(stdin: TextIO | None) -> bool:
    """Tell whether reading would not stop the process (SIGTTIN), as it does after ``cecli &``."""
    if stdin is None or not hasattr(os, "tcgetpgrp"):
        return True
    try:
        return os.tcgetpgrp(stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError, AttributeError):
        return False
