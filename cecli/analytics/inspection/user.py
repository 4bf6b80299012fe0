"""What several verbs need to know of this user: the paths, and who switches analytics off here.

Owns also how a verb tells that it can't do what was asked, and a moment in words.
"""

from __future__ import annotations

import os
import sys
import time

from cecli import TYPE_CHECKING
from cecli.analytics.consent.decision import switched_off
from cecli.analytics.consent.surroundings import look
from cecli.analytics.paths import Paths
from cecli.analytics.registration import look_only, parsed
from cecli.messages import because, quoted, say
from cecli.places import home_folder

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from typing import IO, Any

    from cecli.analytics.program import Program
    from cecli.analytics.settings.merge import Settings


class Problem(Exception):
    """What was asked can't be done; the message is a sentence for the user."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code
        """The program's exit code."""


class User:
    """This user of a program, as the program's own parser sees what was set.

    Args:
        parser: has the analytics options, and parses nothing but files and variables here.
    """

    def __init__(self, parser: ArgumentParser) -> None:
        program = getattr(parser, "analytics_program", None)
        if program is None:
            raise TypeError("inspect needs a parser that add_arguments was called on")
        self.program: Program = program
        self.prog = f"{program.name}-analytics"
        """The name of the inspecting program, for messages."""
        self._parser = parser

    @property
    def paths(self) -> Paths:
        """This user's files.

        Raises:
            Problem: there is no home folder.
        """
        home = home_folder(os.environ)
        if home is None:
            raise Problem("the home folder is unknown: HOME is empty or not an absolute path")
        return Paths(home, self.program.name)

    def settings(self) -> Settings:
        """Return what was set for any session here.

        Raises:
            SystemExit: with 2 after a message of the parser's, if something can't be read.
        """
        parser = self._parser
        look_only(parser)
        parser.prog = self.prog
        needed: list[Any] = [*parser._actions, *parser._mutually_exclusive_groups]
        for each in needed:
            each.required = False  # what a session must be told; none begins here
        parser.parse_known_args([])  # other keys of a file are a session's
        return parsed(parser).settings

    def off_here(self) -> str | None:
        """Return who or what switches analytics off here, for any session; None if nothing does.

        Each setting that is ignored is named on stderr.
        """
        settings = self.settings()
        for warning in settings.warnings:
            say(f"{self.prog}: warning: {warning}", sys.stderr)
        seen = look(os.environ, home=home_folder(os.environ), stdin=None, stdout=None)
        return switched_off(settings, seen) or seen.no_home


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
