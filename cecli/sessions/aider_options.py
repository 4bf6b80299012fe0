"""aider's options: on our parser, and on its own, which passes over every analytics option.

Owns what our options and aider's have to do with each other, and that aider's own analytics isn't
even imported.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from types import ModuleType, SimpleNamespace
from typing import Any, NoReturn

import configargparse

from cecli import places
from cecli.analytics.settings.options import BY_NAME, name_of
from cecli.args import ArgumentParser, unknown_options
from cecli.config_file import opposite

VERSIONS = ("0.86.2",)
"""The versions of aider that these modules know."""

_OURS = SimpleNamespace(name="cecli", close=lambda: None)
"""Stands among aider's open config files for what cecli has read."""
_Theirs = configargparse.ArgumentParser
_ANALYTICS = ("analytics", "no-analytics")


class UnknownVersion(Exception):
    """The aider that is installed isn't one that these modules know; the message says so."""


def add_options(parser: ArgumentParser) -> None:
    """Add aider's options, and the files to edit, to our parser, unless it has them already.

    Raises:
        UnknownVersion: nothing was added.
    """
    engine = parser_of_aider([], None, {})
    for action in list(engine._actions):
        if any(name in parser._option_string_actions for name in action.option_strings):
            _remove(engine, action)
    parser._add_container_actions(engine)


def settings(sources: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return what variables and config files among our parser's *sources* say to aider."""
    found: dict[str, Any] = {}
    for items in _said_before(sources).values():
        for key, (action, value) in items.items():
            names = [name for name in action.option_strings if name.startswith("--")]
            if names[0][2:] in BY_NAME:
                continue  # analytics is no business of aider's
            no = key.startswith("no-") and isinstance(action, argparse.BooleanOptionalAction)
            found.setdefault(names[0][2:], opposite(value) if no else value)
    return found


def own_sources() -> dict[str, dict[str, Any]]:
    """Return which options aider's own variables and files set, but not to what."""
    folder = places.current_folder()
    folders = (folder, places.git_root(folder) if folder else None, places.home_folder(os.environ))
    files = [os.path.join(each, ".aider.conf.yml") for each in folders if each]
    engine = parser_of_aider(list(dict.fromkeys(files)), None, {})
    try:
        engine.parse_known_args([])
    except AttributeError:  # `yes: true` in a file: no text is its key, and aider says so itself
        return {}
    return {
        source: {key: (action, None) for key, (action, _) in items.items()}
        for source, items in _said_before(engine.get_source_to_settings_dict()).items()
    }


def _said_before(sources: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Leave out of configargparse's sources the command line and the defaults."""
    return {
        source: items
        for source, items in sources.items()
        if source == "environment_variables" or source.startswith("config_file")
    }


def parser_of_aider(files: Sequence[str], git_root: str | None, ours: Mapping[str, Any]) -> Any:
    """Return aider's parser, which knows of no analytics and reads *ours* as its strongest file."""
    from aider import __version__

    if __version__ not in VERSIONS:
        raise UnknownVersion(
            f"this cecli works with aider {' or '.join(VERSIONS)}, not with {__version__}: "
            "pip install 'cecli[aider]'"
        )
    _shut_out_its_analytics()
    from aider.args import get_parser

    parser = get_parser(list(files), git_root)
    parser.__class__, parser.prog = _Engine, "cecli"
    for action in list(parser._actions):
        if any(name.lstrip("-") in BY_NAME for name in action.option_strings):
            _remove(parser, action)
            parser.set_defaults(**{action.dest: False if action.nargs == 0 else None})
    parser._config_file_parser = _WithoutAnalytics(parser._config_file_parser, ours)
    open_files = parser._open_config_files
    parser._open_config_files = lambda argv: [*open_files(argv), _OURS]
    return parser


class _Engine(ArgumentParser):
    """aider's parser, which reads as aider has it and tells of a mistake as ours does."""

    convert_item_to_command_line_arg = _Theirs.convert_item_to_command_line_arg

    def parse_known_args(self, args: Any = None, *others: Any, **options: Any) -> Any:
        """Parse like configargparse, with nothing of ours between."""
        return _Theirs.parse_known_args(self, args, *others, **options)

    def parse_args(self, args: Any = None, namespace: Any = None, **kwargs: Any) -> Any:
        """Parse like ours: the value of an option that there isn't may be a secret."""
        parsed, rest = self.parse_known_args(args, namespace, **kwargs)
        unknown = {word.lstrip("-") for word in unknown_options(rest)}
        self.fail_for_keys(
            [
                (source.partition("|")[2], key)
                for source, items in self.get_source_to_settings_dict().items()
                for key in unknown.intersection(items)
                if source.startswith("config_file")
            ]
        )
        self.fail_for_words(rest)
        return parsed

    def error(self, message: str) -> NoReturn:
        """Exit with 2 after one sentence: YAML's are of several lines."""
        super().error(" ".join(message.split()))


def _shut_out_its_analytics() -> None:
    """Put an empty module in the place of aider's analytics, before anything imports that."""
    stand_in: Any = ModuleType("aider.analytics")
    stand_in.Analytics = None  # run puts one of ours wherever it was imported to
    sys.modules["aider.analytics"] = stand_in


class _WithoutAnalytics:
    """aider's reader of config files, which passes over every analytics option."""

    def __init__(self, inner: Any, ours: Mapping[str, Any]) -> None:
        self._inner = inner
        self._ours = ours

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def parse(self, stream: Any) -> Mapping[Any, Any]:
        """Return the items of a file that are for aider, each key a text, unless it is true."""
        if stream is _OURS:
            return self._ours
        return {
            key if key is True else str(key): value
            for key, value in self._inner.parse(stream).items()
            if not name_of(key).startswith(_ANALYTICS)
        }


def _remove(parser: Any, action: argparse.Action) -> None:
    """Take an option out of a parser."""
    for name in action.option_strings:
        parser._option_string_actions.pop(name, None)
    container: Any = action.container  # type: ignore[attr-defined]
    container._remove_action(action)
