"""Which options a session was started with: their names and where they were set, never to what.

Names come from the parser's own actions, so no text that a user wrote can be one.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from cecli import TYPE_CHECKING
from cecli.named_tuple import NamedTuple

if TYPE_CHECKING:
    from typing import Any

_ALSO_IN_OPTIONS = dict.fromkeys(map(ord, "_.-"), "x")


class OptionUse(NamedTuple):
    """That an option of the program was set; never to what."""

    option: str
    """The option's long name without dashes."""
    source: str
    """``flag``, ``variable`` or ``file``; anything else doesn't leave."""


def is_option_name(name: object) -> bool:
    """Tell whether *name* can be an option's: ASCII letters, digits and ``_.-``, at most 64.

    >>> is_option_name("dark-mode"), is_option_name("--dark-mode"), is_option_name("a b")
    (True, False, False)
    """
    if type(name) is not str or not 0 < len(name) <= 64 or not name.isascii():
        return False
    return name[0].isalnum() and name.translate(_ALSO_IN_OPTIONS).isalnum()


def option_names(parser: argparse.ArgumentParser) -> tuple[str, ...]:
    """Return the long names of all options of *parser*, for the catalogue to know them."""
    names = {_long_name(action) or "" for action in parser._actions}
    return tuple(sorted(name for name in names if is_option_name(name)))


def option_uses(
    parser: argparse.ArgumentParser, typed: Iterable[argparse.Action]
) -> tuple[OptionUse, ...]:
    """Return the options that were set when a configargparse *parser* last parsed.

    Each option stands once, with the source that won: flag, then variable, then file. Options of
    sub-commands are not looked into.

    Args:
        parser: has parsed.
        typed: those of its actions that stood on the command line.
    """
    found: dict[str, str] = {}
    for source, action in _settings(parser, typed):
        name = _long_name(action)
        if name:
            found.setdefault(name, source)
    return tuple(OptionUse(name, found[name]) for name in sorted(found))


def _settings(
    parser: argparse.ArgumentParser, typed: Iterable[argparse.Action]
) -> Iterator[tuple[str, argparse.Action]]:
    """Yield each setting's source and action, from the strongest source to the weakest."""
    for action in typed:
        yield "flag", action
    sources: Mapping[str, Mapping[str, Any]] = {}
    with suppress(AttributeError):  # it has not parsed
        sources = parser.get_source_to_settings_dict()  # type: ignore[attr-defined]
    for action, _ in sources.get("environment_variables", {}).values():
        yield "variable", action
    for name, settings in sources.items():
        if name.startswith("config_file"):
            for action, _ in settings.values():
                if action is not None:  # None: a key that no option has
                    yield "file", action


def _long_name(action: argparse.Action) -> str | None:
    """Return an option's first long name without dashes; None for a positional or a short one."""
    for text in action.option_strings:
        if len(text) > 2 and text[1] == text[0]:
            return text[2:]
    return None
