"""What the user typed, told apart from what else can end up in a parsed namespace.

configargparse turns lists in config files into words of the command line, so that
``files: [a, --analytics]`` in a project's file looks like a flag of the user's. So the command line
alone is read again here, once: what options hold, who set them and which were used at all come from
this reading.
"""

from __future__ import annotations

import argparse

from cecli import TYPE_CHECKING
from cecli.named_tuple import NamedTuple

if TYPE_CHECKING:
    from typing import Any, NoReturn


class Typed(NamedTuple):
    """An option that stood on the command line."""

    action: argparse.Action
    """The parser's own action, so that two options that share an attribute are told apart."""
    value: object
    """True for an option that takes no value, else its words as they were typed."""


def read(parser: argparse.ArgumentParser, words: list[str]) -> tuple[Typed, ...]:
    """Return the options among the *words* of a command line of *parser*, in their order.

    Options of sub-commands aren't looked into. Of a command line that the parser can't read,
    nothing is returned.
    """
    reader = _Reader(
        prog=parser.prog,
        add_help=False,
        prefix_chars=parser.prefix_chars,
        allow_abbrev=parser.allow_abbrev,
        fromfile_prefix_chars=parser.fromfile_prefix_chars,
    )
    for number, action in enumerate(parser._actions):
        names = action.option_strings or [str(number)]
        options: dict[str, Any] = {"dest": str(number)} if action.option_strings else {}
        reader.add_argument(*names, action=_Note, nargs=action.nargs, original=action, **options)
    try:
        reader.parse_known_args(words)
    except _Unreadable:
        return ()
    return tuple(reader.typed)


class _Unreadable(Exception):
    pass


class _Reader(argparse.ArgumentParser):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.typed: list[Typed] = []

    def error(self, message: str) -> NoReturn:
        raise _Unreadable(message)


class _Note(argparse.Action):
    """Stands for one of the parser's actions, and only notes that it was called."""

    def __init__(self, *, original: argparse.Action, **options: Any) -> None:
        super().__init__(**options)
        self._original = original

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        if option_string is not None and isinstance(parser, _Reader):
            parser.typed.append(Typed(self._original, True if self.nargs == 0 else values))
