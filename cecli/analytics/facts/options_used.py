"""Which options a session was started with: their names and where they were set, never to what.

Names come from the parser's own actions, so no text that a user wrote can be one.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

_ALSO_IN_OPTIONS = dict.fromkeys(map(ord, "_.-"), "x")


class OptionUse(NamedTuple):
    """That an option of the program was set; never to what."""

    option: str
    """The option's long name without dashes."""
    place: str
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


def option_uses(parser: argparse.ArgumentParser) -> tuple[OptionUse, ...]:
    """Return the options that were set when a configargparse *parser* last parsed.

    Each option stands once, with the place that won: flag, then variable, then file. Options of
    sub-commands are not looked into.
    """
    try:
        sources: Mapping[str, Mapping[str, Any]] = parser.get_source_to_settings_dict()  # type: ignore[attr-defined]
    except AttributeError:  # it has not parsed
        return ()
    places: dict[str, str] = {}
    for place, action in _settings(parser, sources):
        name = _long_name(action)
        if name:
            places.setdefault(name, place)
    return tuple(OptionUse(name, places[name]) for name in sorted(places))


def _settings(
    parser: argparse.ArgumentParser, sources: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[str, argparse.Action]]:
    """Yield each setting's place and action, from the strongest place to the weakest."""
    for _, argv in sources.get("command_line", {}).values():
        for action in _on_command_line(parser, argv):
            yield "flag", action
    for action, _ in sources.get("environment_variables", {}).values():
        yield "variable", action
    for source, settings in sources.items():
        if source.startswith("config_file"):
            for action, _ in settings.values():
                if action is not None:  # None: a key that no option has
                    yield "file", action


def _on_command_line(
    parser: argparse.ArgumentParser, argv: Sequence[str]
) -> Iterator[argparse.Action]:
    """Yield the actions that *argv* names, as argparse reads it: up to ``--``."""
    for token in argv:
        if token == "--":
            return
        if len(token) < 2 or token[0] not in parser.prefix_chars:
            continue
        if token[1] in parser.prefix_chars:
            actions = [_long_option(parser, token)]
        else:
            actions = _short_options(parser, token)
        for action in actions:
            if action is not None:
                yield action
                if action.nargs == argparse.REMAINDER:
                    return


def _long_option(parser: argparse.ArgumentParser, token: str) -> argparse.Action | None:
    name = token.partition("=")[0]
    options = parser._option_string_actions
    if name in options or not parser.allow_abbrev:
        return options.get(name)
    meant = {id(action): action for text, action in options.items() if text.startswith(name)}
    return next(iter(meant.values())) if len(meant) == 1 else None


def _short_options(parser: argparse.ArgumentParser, token: str) -> list[argparse.Action | None]:
    """Return the actions of ``-v``, ``-vq``, ``-cFILE``, ``-c=FILE`` and ``-long``."""
    options = parser._option_string_actions
    whole = options.get(token.partition("=")[0])
    if whole is not None:
        return [whole]
    found: list[argparse.Action | None] = []
    for letter in token[1:]:
        action = options.get(token[0] + letter)
        found.append(action)
        # What follows an option that takes a value is its value.
        if action is None or action.nargs != 0:
            break
    return found


def _long_name(action: argparse.Action) -> str | None:
    """Return an option's first long name without dashes; None for a positional or a short one."""
    for text in action.option_strings:
        if len(text) > 2 and text[1] == text[0]:
            return text[2:]
    return None
