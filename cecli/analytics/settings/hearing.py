"""What a parser has heard of our options when it parsed, from whatever source, and nothing merged.

Behind it nothing sees the parser: :mod:`~cecli.analytics.settings.layers` sorts what was heard.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Mapping, Sequence, Set

from cecli import TYPE_CHECKING
from cecli.analytics.program import Program
from cecli.analytics.settings.command_line import Typed
from cecli.analytics.settings.listener import FileSays
from cecli.analytics.settings.options import INITIAL, OPTIONS
from cecli.named_tuple import NamedTuple

if TYPE_CHECKING:
    from typing import Any


class Heard(NamedTuple):
    """What was said of our options: by name or, in a namespace, by attribute."""

    program: Program
    typed: Mapping[str, object] = {}
    """Options on the command line, and their values as they were typed."""
    injected: Mapping[str, object] = {}
    """What the parser took for options though nobody typed them: words of a list in a file."""
    given: Mapping[str, object] = {}
    """What the program has put there before the parser parsed."""
    variables: Mapping[str, str] = {}
    own_variables: Mapping[str, str] = {}
    """Those of the process itself, if the program had the parser read others."""
    known: Set[str] = frozenset()
    """The variables of the parser's other options."""
    files: Sequence[FileSays] = ()
    """What each file says that the parser has read; the strongest first."""
    named: Set[str] = frozenset()
    """Absolute paths of the files that the user has named."""


def hear(
    parser: Any,
    program: Program,
    namespace: argparse.Namespace,
    *,
    typed: Sequence[Typed],
    given: Mapping[str, object],
    variables: Mapping[str, str],
) -> Heard:
    """Return what *parser* has heard when it made *namespace*.

    Args:
        parser: a configargparse parser with the options of *program*; it has just parsed.
        typed: the options on its command line.
        given: what the program had put into the namespace before.
        variables: those that the parser has read.
    """
    ours = {
        option.name: each.value
        for each in typed
        for option in OPTIONS
        if f"--{option.name}" in each.action.option_strings
    }
    before = _by_name(given)
    after = _by_name({dest: getattr(namespace, dest, None) for dest in INITIAL})
    injected = {
        name: value
        for name, value in after.items()
        if value not in (ours.get(name), before.get(name))
    }
    return Heard(
        program,
        typed=ours,
        injected=injected,
        given=before,
        variables=variables,
        own_variables={} if variables is os.environ else os.environ,
        known={
            each.env_var for each in parser._actions if getattr(each, "env_var", None) is not None
        },
        files=parser._config_file_parser.files,
        named=set(_named(parser, typed, variables)),
    )


def joined(heard: Heard, inner: Heard) -> Heard:
    """Return what was heard with what a sub-command's parser has heard in the same parse.

    One command line is one source, whichever of its parsers reads a word. The sub-command's values
    have replaced those in the namespace, so what else had been put there can't be told.
    """
    return heard._replace(
        typed={**heard.typed, **inner.typed},
        injected=inner.injected,
        given={**heard.given, **inner.given},
        known=heard.known | inner.known,
        files=[*inner.files, *heard.files],
        named=heard.named | inner.named,
    )


def environ(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the surroundings of a session whose parser has read these variables.

    They may be a project's: they name neither the home, with the answer in it, nor a proxy for the
    events, and hide no off.
    """
    found = dict(os.environ)
    for name in ("CI", "DO_NOT_TRACK"):
        found[name] = found.get(name) or variables.get(name, "")
    return found


def _by_name(values: Mapping[str, object]) -> dict[str, object]:
    """Return what the attributes of a namespace say, by the names of options.

    >>> _by_name({"analytics": False, "analytics_disable": False, "analytics_log": None})
    {'no-analytics': True}
    """
    said: dict[str, object] = {}
    for option in OPTIONS:
        value = values.get(option.dest)
        if option.dest == "analytics" and (value is False) != (option.name == "no-analytics"):
            continue
        if option.name == "no-analytics":
            said[option.name] = True
        elif value is not None and value is not False:
            said[option.name] = value
    return said


def _named(parser: Any, typed: Iterable[Typed], variables: Mapping[str, str]) -> Iterable[str]:
    """Yield the config files that the user has named, on the command line or by a variable."""
    words = {each.action: each.value for each in typed}
    for action in parser._actions:
        if getattr(action, "is_config_file_arg", False):
            variable = getattr(action, "env_var", None) or ""
            if name := words.get(action) or variables.get(variable):
                yield os.path.abspath(os.path.expanduser(str(name)))
