"""What the user typed, told apart from what else can end up in a parsed namespace.

configargparse turns lists in config files into words of the command line, and argparse expands
``@file``, so that ``files: [a, --analytics]`` in a project's file looks like a flag of the user's.
"""

from __future__ import annotations

import argparse
from typing import Any, NoReturn


def typed(parser: argparse.ArgumentParser, dests: frozenset[str]) -> argparse.Namespace:
    """Return those options of a configargparse *parser* that stood on its last command line.

    Args:
        parser: has parsed.
        dests: the options to look for; the others' words are passed over.
    """
    reader = _Reader(
        add_help=False,
        allow_abbrev=parser.allow_abbrev,
        argument_default=argparse.SUPPRESS,
        fromfile_prefix_chars=parser.fromfile_prefix_chars,
    )
    for action in parser._actions:
        if action.dest in dests and action.option_strings:
            kind: dict[str, Any] = {"action": "store_true"} if action.nargs == 0 else {}
            reader.add_argument(*action.option_strings, dest=action.dest, **kind)
    try:
        return reader.parse_known_args(words(parser))[0]
    except _Unreadable:
        return argparse.Namespace()


def words(parser: argparse.ArgumentParser) -> list[str]:
    """Return the words that a configargparse *parser* was last given; none before it parsed."""
    try:
        sources = parser.get_source_to_settings_dict()  # type: ignore[attr-defined]
    except AttributeError:
        return []
    return [word for _, argv in sources.get("command_line", {}).values() for word in argv]


class _Unreadable(Exception):
    pass


class _Reader(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _Unreadable(message)
