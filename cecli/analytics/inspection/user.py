"""What several verbs need to know of this user: the paths, and who switches analytics off here.

Owns also how a verb tells that it can't do what was asked, and a moment in words.
"""

from __future__ import annotations

import os
import sys
import time
from typing import IO, Any

from cecli.analytics.consent.decision import switched_off
from cecli.analytics.consent.surroundings import look
from cecli.analytics.paths import Paths
from cecli.analytics.registration import add_options
from cecli.analytics.settings.merge import InvalidSettings, read_settings
from cecli.args import ArgumentParser
from cecli.messages import because, quoted, say
from cecli.places import current_folder, home_folder


class Problem(Exception):
    """What was asked can't be done; the message is a sentence for the user."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code
        """The program's exit code."""


def own_paths() -> Paths:
    """Return the paths of this user's files.

    Raises:
        Problem: there is no home folder.
    """
    home = home_folder(os.environ)
    if home is None:
        raise Problem("the home folder is unknown: HOME is empty or not an absolute path")
    return Paths(home)


def off_here() -> str | None:
    """Return who or what switches analytics off here, for any session; None if nothing does.

    Each setting that is ignored is named on stderr.

    Raises:
        Problem: a setting can't be read.
    """
    home = home_folder(os.environ)
    parser = ArgumentParser(prog="cecli-analytics")
    add_options(parser)
    try:
        chosen = read_settings(
            parser.parse_known_args([])[0],  # other keys of a file are a session's
            parser,
            environ=os.environ,
            home=home,
            folder=current_folder(),
        )
    except InvalidSettings as error:
        raise Problem("; ".join(error.problems), 2) from error
    for warning in chosen.warnings:
        say(f"cecli-analytics: warning: {warning}", sys.stderr)
    seen = look(os.environ, home=home, stdin=None, stdout=None)
    return switched_off(chosen, seen) or seen.no_home


def opened(file: str, mode: str) -> IO[Any]:
    """Open a file that the user has named.

    Raises:
        Problem: it can't be opened.
    """
    try:
        return open(file, mode)
    except OSError as error:
        raise Problem(f"{quoted(file)} can't be opened: {because(error)}", 2) from error


def moment(seconds: float) -> str:
    """Return a time since the epoch as date and time in the user's time zone."""
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
    except (OverflowError, ValueError, OSError):
        return "an unknown time"
