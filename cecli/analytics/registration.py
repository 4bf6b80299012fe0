"""Puts the analytics options on a program's parser, which from then on tells the truth about them.

The options are :mod:`~cecli.analytics.settings.options`'. What files say of them,
:mod:`~cecli.analytics.settings.listener` keeps; what holds, and how it is shown, is said by
:mod:`~cecli.analytics.settings.merge` and :mod:`~cecli.analytics.settings.namespace`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from cecli import TYPE_CHECKING
from cecli.analytics.program import CECLI, Program
from cecli.analytics.settings.action import Action, options_of
from cecli.analytics.settings.disabling import said_plainly, who_disables
from cecli.analytics.settings.listener import ConfigFileListener
from cecli.analytics.settings.options import BY_NAME, OPTIONS
from cecli.analytics.settings.parser import Merging, Parse, Parsed
from cecli.messages import CantShow, show

if TYPE_CHECKING:
    from typing import Any, NoReturn

    from cecli.analytics.settings.merge import InvalidSettings
    from cecli.analytics.settings.sources import Source


def add_arguments(parser: argparse.ArgumentParser, program: Program = CECLI) -> None:
    """Register a program's analytics options on its configargparse parser, before it parses.

    Then they behave like the parser's other options. After it has parsed, ``args.analytics`` is
    True, False or None, ``args.analytics_disable`` True or False, and ``args.analytics_log``,
    ``args.analytics_posthog_project_api_key`` and ``args.analytics_posthog_host`` are a str or
    None: what holds, from whatever source. The parser's reports name each under its source, with
    the key masked. What can't be read ends the parse by the parser's own ``error``.

    A parser made with ``parents=[shared]`` adopts by this call the options that it inherited.
    Before a parser ends the program over any problem, it disables analytics if the user wants that.

    Raises:
        TypeError: *parser* is no configargparse parser, or *program* no Program.
        ValueError: its options don't begin with ``-``, it has these options already, or it
            inherited those of another program.
        argparse.ArgumentError: the program has an option of the same name.
    """
    inner = getattr(parser, "_config_file_parser", None)
    if inner is None:
        raise TypeError(f"add_arguments needs a configargparse parser, not {type(parser).__name__}")
    if not isinstance(program, Program):
        raise TypeError(f"add_arguments needs a Program, not {type(program).__name__}")
    if "-" not in parser.prefix_chars:
        raise ValueError(f"add_arguments needs options with '-', not {parser.prefix_chars!r}")
    if getattr(parser, "analytics_program", None):
        raise ValueError("add_arguments was called on this parser already; once was expected")
    inherited = options_of(parser)
    for action in inherited:
        if action.program != program:
            raise ValueError(
                f"the parser inherited the analytics options of {action.program.name}; those of "
                f"{program.name} were expected"
            )
    group = parser.add_argument_group("analytics", "anonymous, and only if you agree")
    for option in () if inherited else OPTIONS:
        group.add_argument(
            f"--{option.name}",
            action=Action,
            dest=option.dest,
            nargs=None if option.metavar else 0,
            const=option.const,
            default=option.initial,
            metavar=option.metavar,
            help=f"{option.text} [env var: {option.variable(program)}]".replace("%", "%%"),
            program=program,
        )
    parser._config_file_parser = ConfigFileListener(  # type: ignore[attr-defined]
        inner, frozenset(BY_NAME)
    )
    kind = type(parser)
    if not isinstance(parser, _Heeding):  # a sub-command's parser is of its parent's class
        parser.__class__ = type(kind.__name__, (_Heeding, kind), {"__module__": kind.__module__})
    parser.analytics_program = program  # type: ignore[attr-defined]


def parsed(parser: argparse.ArgumentParser) -> Parsed:
    """Return what came of the options when *parser* last parsed.

    Raises:
        TypeError: it hasn't, or :func:`add_arguments` was not called on it.
    """
    if not isinstance(parser, Merging) or parser.analytics_program is None:
        raise TypeError("resolve needs the parser that add_arguments was called on")
    if parser.analytics_parsed is None:
        raise TypeError("resolve needs a parser that has parsed: call parse_args first")
    return parser.analytics_parsed


def look_only(parser: argparse.ArgumentParser) -> None:
    """Let *parser* change nothing of the user's, whatever it reads."""
    if isinstance(parser, _Heeding):
        parser.looks_only = True


def heed_disable(parser: argparse.ArgumentParser, words: Sequence[object], status: int) -> int:
    """Disable if a command line says so that ends the program, perhaps before *parser* read it.

    Returns:
        the exit code: *status*, or that of a program whose job it was to disable.
    """
    if not isinstance(parser, _Heeding):
        return status
    parser.hear_disable(words, {})
    code = parser.heed_disable()
    return status if code is None else code


class _Heeding(Merging):
    """Heeds a disable besides, before the program ends over a problem.

    The command line or the environment says so: both are the user's own word. A problem elsewhere,
    perhaps in a project's config file, must not keep the parser from heeding it.
    """

    looks_only = False
    _disabled_by: Source | None = None

    def _parse_once(self, here: Parse, parse: Callable[..., Any], namespace: Any) -> Any:
        self.hear_disable(here.words, here.variables)
        try:
            return super()._parse_once(here, parse, namespace)
        except SystemExit as ended:  # perhaps by a sub-command's parser, which knows nothing of it
            code = self.heed_disable() if ended.code else None
            if code is not None:
                super().exit(code)
            raise
        except argparse.ArgumentError:  # the program asked for it, and goes on
            self.heed_disable()
            raise

    def hear_disable(self, words: Sequence[object], variables: Mapping[str, str]) -> None:
        """Remember who disables, also on a command line that argparse can't read."""
        environs = (variables, os.environ)
        plainly = said_plainly(words, environs, self.analytics_program or CECLI)
        self._disabled_by = who_disables(plainly)

    def _refuse(self, error: InvalidSettings) -> NoReturn:
        self._disabled_by = self._disabled_by or error.disable
        super()._refuse(error)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """End the program like the parser's own class."""
        if self._disabled_by and status:
            with suppress(CantShow):  # or the disable wouldn't be heeded
                show(message or "", sys.stderr)
            code, message = self.heed_disable(), None
            status = status if code is None else code
        super().exit(status, message)

    def heed_disable(self) -> int | None:
        """Disable, if told so, once; return the exit code if that was the program's job."""
        source, self._disabled_by = self._disabled_by, None
        if not source or self.looks_only or not self.analytics_program:
            return None
        from cecli import places
        from cecli.analytics.consent import refusal
        from cecli.analytics.console import Console
        from cecli.analytics.paths import Paths

        home = places.home_folder(os.environ)
        paths = Paths(home, self.analytics_program.name) if home else None
        console = Console(self.prog, sys.stdin, sys.stdout, sys.stderr)
        return refusal.carry_out(paths, source, console)
