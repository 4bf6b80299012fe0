"""Puts the analytics options on a program's parser, which heeds a disable whatever is wrong.

The options are :mod:`~cecli.analytics.settings.options`'. What config files say of them,
:mod:`~cecli.analytics.settings.listener` keeps.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress

from cecli import TYPE_CHECKING
from cecli.analytics.settings import spelling
from cecli.analytics.settings.listener import ConfigFileListener
from cecli.analytics.settings.options import BY_NAME, OPTIONS
from cecli.messages import CantShow, show

if TYPE_CHECKING:
    from typing import Any, NoReturn

_DISABLE = BY_NAME["analytics-disable"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Register the analytics options on a configargparse parser, before it parses.

    From then on the parser leaves what config files and the environment say about them to
    :func:`~cecli.analytics.resolve`: configargparse drops what a stronger source overrides,
    reads ``no-analytics: true`` as "on", and stops at an empty variable. One thing the parser does
    itself: before it ends the program over any problem, it disables analytics if the user wants
    that.

    Raises:
        TypeError: *parser* is no configargparse parser.
        ValueError: its options don't begin with ``-``.
        argparse.ArgumentError: the parser has one of these options already.
    """
    add_options(parser)
    kind = type(parser)
    parser.__class__ = type(kind.__name__, (_HeedsADisable, kind), {"__module__": kind.__module__})


def add_options(parser: argparse.ArgumentParser) -> None:
    """Do as :func:`add_arguments`, for a program that only looks: such a parser changes nothing."""
    inner = getattr(parser, "_config_file_parser", None)
    if inner is None:
        raise TypeError(f"add_arguments needs a configargparse parser, not {type(parser).__name__}")
    if "-" not in parser.prefix_chars:
        raise ValueError(f"add_arguments needs options with '-', not {parser.prefix_chars!r}")
    group = parser.add_argument_group("analytics", "anonymous, and only if you agree")
    for option in OPTIONS:
        group.add_argument(
            f"--{option.name}",
            action=_Option,
            nargs=None if option.metavar else 0,
            default=None,
            metavar=option.metavar,
            help=f"{option.text} [env var: {option.variable}]".replace("%", "%%"),
        )
    listener = ConfigFileListener(parser, inner, frozenset(BY_NAME))
    parser._config_file_parser = listener  # type: ignore[attr-defined]


class _Option(argparse.Action):
    """Stores True for a switch, else the value; only ever from the command line."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        setattr(namespace, self.dest, True if self.nargs == 0 else values)

    # Not even on a parser with an auto_env_var_prefix: settings reads the variables.
    env_var = property(lambda self: None, lambda self, name: None)


class _HeedsADisable(argparse.ArgumentParser):
    """What a parser does besides: before it ends over a problem, it disables if it must.

    The command line or the environment says so: both are the user's own word. A problem elsewhere,
    perhaps in a project's config file, must not keep the parser from heeding it.
    """

    _told: tuple[Mapping[str, str], bool] | None = None
    """The environment, and whether the command line says it; None if nobody does."""

    def parse_known_args(self, args: Any = None, *others: Any, **options: Any) -> Any:
        """Parse like the parser's own class."""
        if args is None:
            args = getattr(sys, "argv", ())[1:]  # an interpreter inside a program may have none
        words = args.split() if isinstance(args, str) else args
        given = options.get("env_vars")
        environ = os.environ if given is None else given
        typed = _is_typed(words)
        self._told = (environ, typed) if typed or _is_set(environ) else None
        try:
            return super().parse_known_args(args, *others, **options)
        except SystemExit as ended:  # perhaps by a sub-command's parser, which knows nothing of it
            self._heed(ended.code)
            raise

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """End the program like the parser's own class."""
        if self._told and status:
            with suppress(CantShow):  # or the disable wouldn't be heeded
                show(message or "", sys.stderr)
            self._heed(status)
            message = None
        super().exit(status, message)

    def _heed(self, code: object) -> None:
        """Disable, if told so, in a program that is about to end with *code*."""
        told, self._told = self._told, None
        if not told or not code:
            return
        from cecli import places
        from cecli.analytics.consent import refusal
        from cecli.analytics.console import Console
        from cecli.analytics.paths import Paths
        from cecli.analytics.settings.sources import Source

        environ, typed = told
        home = places.home_folder(environ)
        flag = Source("flag", f"--{_DISABLE.name}")
        source = flag if typed else Source("variable", f"{_DISABLE.variable} (environment)")
        console = Console(self.prog, sys.stdin, sys.stdout, sys.stderr)
        code = refusal.carry_out(Paths(home) if home else None, source, console)
        if code is not None:
            super().exit(code)


def _is_typed(words: Sequence[object]) -> bool:
    """Tell whether a command line disables, be it one that argparse can't read.

    >>> _is_typed(["--model", "x", "--analytics-disable"]), _is_typed(["--", "--analytics-disable"])
    (True, False)
    """
    options = words[: words.index("--")] if "--" in words else words
    return f"--{_DISABLE.name}" in options


def _is_set(environ: Mapping[str, str]) -> bool:
    try:
        return spelling.boolean(environ.get(_DISABLE.variable, ""))
    except ValueError:
        return False
