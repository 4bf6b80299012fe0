"""What the session runs in, as far as consent depends on it: a terminal, CI, DO_NOT_TRACK."""

import os
from collections.abc import Mapping
from typing import NamedTuple, TextIO


class Surroundings(NamedTuple):
    """The facts that, beside settings and record, decide about a session."""

    home: bool
    """Whether the user has a home folder to keep an answer in."""
    terminal: bool
    """Whether a person can read and answer a question here."""
    ci: bool
    do_not_track: bool


def look(
    environ: Mapping[str, str], *, home: str | None, stdin: TextIO | None, stdout: TextIO | None
) -> Surroundings:
    """Look around; a standard stream that is missing or closed is no terminal."""
    return Surroundings(
        home=home is not None,
        terminal=_is_terminal(stdin) and _is_terminal(stdout) and _is_foreground(stdin),
        ci=environ.get("CI", "") != "",
        do_not_track=tracks_not(environ.get("DO_NOT_TRACK", "")),
    )


def tracks_not(value: str) -> bool:
    """Tell whether a value of DO_NOT_TRACK asks not to be tracked.

    >>> [tracks_not(value) for value in ("", "0", "False", "1", "no")]
    [False, False, False, True, True]
    """
    return value.strip().lower() not in ("", "0", "false")


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except (ValueError, OSError, AttributeError):  # closed, or put in place by the host
        return False


def _is_foreground(stdin: TextIO | None) -> bool:
    """Tell whether reading would not stop the process (SIGTTIN), as it does after ``cecli &``."""
    if stdin is None or not hasattr(os, "tcgetpgrp"):
        return True
    try:
        return os.tcgetpgrp(stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError, AttributeError):
        return False
