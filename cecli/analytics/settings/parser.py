"""A parser with our options on it: it merges what was said of them, and tells the truth about it.

Owns how they stand on a configargparse parser. What holds is
:mod:`~cecli.analytics.settings.merge`'s, how it is shown
:mod:`~cecli.analytics.settings.namespace`'s.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from cecli import TYPE_CHECKING
from cecli.analytics.settings.action import inner_parsers, options_of
from cecli.analytics.settings.options import BY_NAME, INITIAL
from cecli.messages import listed

if TYPE_CHECKING:
    from typing import Any, NoReturn

    from cecli.analytics.program import Program
    from cecli.analytics.settings import merge
    from cecli.analytics.settings.command_line import Typed
    from cecli.analytics.settings.hearing import Heard
    from cecli.analytics.settings.merge import Settings


_KEYS = r"(?i)ph[cx][_-][^\s'\"]{4,}"
"""Finds PostHog's keys: argparse repeats words that it doesn't know, and configargparse names."""


class Parsed:
    """What came of the options when a parser parsed: all that resolving them needs."""

    def __init__(
        self,
        program: Program,
        settings: Settings,
        environ: Mapping[str, str],
        heard: Heard,
        typed: Sequence[Typed],
    ) -> None:
        self.program = program
        self.settings = settings
        self.environ = environ
        """The variables as they were then: a session may load a project's into its own."""
        self.heard = heard
        self.typed = typed
        """The options on the command line, the program's own too."""


class Parse:
    """One parse that is under way."""

    def __init__(self, args: Any, variables: Mapping[str, str], *, has_read: bool = False) -> None:
        if args is None:
            args = getattr(sys, "argv", [])[1:]  # an embedded interpreter may have none
        self.words: list[Any] = args.split() if isinstance(args, str) else list(args)
        self.variables = variables
        self.has_read = has_read
        """Whether the parser has come to its config files: it passes them over at ``-h``."""
        self.given: dict[str, object] = {}
        """What the program has put into the namespace before."""
        self.in_steps = False
        """Whether the parser parses twice, the words that are left over the second time."""
        self.is_merged = False


class Merging(argparse.ArgumentParser):
    """What a configargparse parser with our options does besides: it merges them when it parses."""

    analytics_program: Program | None = None
    """Whose options it has; None for a parser of a sub-command, which has its parent's class."""
    analytics_parsed: Parsed | None = None
    _machine_folder = os.path.join(os.sep, "etc")
    """Where the config files of the machine's owner lie, in a folder for each program (hier(7))."""
    _parse: Parse | None = None

    def parse_known_args(
        self,
        args: Any = None,
        namespace: Any = None,
        config_file_contents: str | None = None,
        env_vars: Mapping[str, str] | None = None,
        ignore_help_args: bool = False,
    ) -> Any:
        """Parse like the parser's own class, and merge what was said of analytics."""
        variables = os.environ if env_vars is None else env_vars
        parse = partial(
            super().parse_known_args,
            config_file_contents=config_file_contents,
            env_vars=variables,
            ignore_help_args=ignore_help_args,
        )
        if self.analytics_program is None or self._parse:  # argparse may parse in two steps
            return parse(args, namespace)
        here = Parse(args, variables, has_read=config_file_contents is not None)
        return self._parse_once(here, parse, namespace)

    def parse_known_intermixed_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse like the parser's own class, and merge what was said of analytics."""
        parse = super().parse_known_intermixed_args
        if self.analytics_program is None:
            return parse(args, namespace)
        here = Parse(args, os.environ)
        here.in_steps = True
        return self._parse_once(here, parse, namespace)

    def _parse_once(self, here: Parse, parse: Callable[..., Any], namespace: Any) -> Any:
        here.given = {dest: getattr(namespace, dest, self.get_default(dest)) for dest in INITIAL}
        self._parse = here
        for each in (self, *self._inner()):
            each.analytics_parsed = None
        self._begin()
        ours = options_of(self)
        for action in ours:
            action.is_merged = True
        try:
            found = parse(here.words, namespace)
            self._merge(found[0])
        finally:
            self._parse = None
            for action in ours:
                action.is_merged = False
        return found

    def _inner(self) -> list[Merging]:
        return [each for each in inner_parsers(self) if isinstance(each, Merging)]

    def _begin(self) -> None:
        listener: Any = self._config_file_parser  # type: ignore[attr-defined]
        listener.begin(self._option_string_actions)

    def _open_config_files(self, *words: Any) -> Any:
        if self._parse:
            self._parse.has_read = True
            self._begin()
        return super()._open_config_files(*words)  # type: ignore[misc]

    def _read_files(self, words: Sequence[str]) -> None:
        """Read the config files that the parser has passed over: they may switch off."""
        import configargparse

        listener: Any = self._config_file_parser  # type: ignore[attr-defined]
        for opened in reversed(self._open_config_files(list(words))):
            stream = opened[0] if isinstance(opened, tuple) else opened  # before 1.8 a stream alone
            try:
                listener.parse(stream)
            except configargparse.ConfigFileParserException as error:
                self._end_with([str(error)])
            finally:
                getattr(stream, "close", lambda: None)()
        if problems := getattr(listener, "problems", None):  # of cecli's own reader
            self._end_with(problems)

    def _merge(self, namespace: argparse.Namespace) -> None:
        """Put what holds into the namespace and the reports, once a parse."""
        here = self._parse
        if not here or here.is_merged or not self.analytics_program:
            return
        here.is_merged = True
        if not here.has_read:
            self._read_files(here.words)
        from cecli import places
        from cecli.analytics.settings import command_line, hearing
        from cecli.analytics.settings import namespace as published
        from cecli.analytics.settings.merge import InvalidSettings, read_settings

        # A parser may have written out what was abbreviated.
        reported = self._source_to_settings.get("command_line")  # type: ignore[attr-defined]
        if reported and not here.in_steps:
            here.words = reported[""][1]
        typed = command_line.read(self, here.words)
        heard = hearing.hear(
            self,
            self.analytics_program,
            namespace,
            typed=typed,
            given=here.given,
            variables=here.variables,
        )
        inner = [(each, each.analytics_parsed) for each in self._inner() if each.analytics_parsed]
        for each, its in inner:
            if its.program != self.analytics_program:
                raise ValueError(
                    f"{each.prog} has the analytics options of {its.program.name}; those of "
                    f"{self.analytics_program.name} were expected, as in its main parser"
                )
        for _, its in inner:
            heard = hearing.joined(heard, its.heard)
        environ = hearing.environ(here.variables)
        try:
            settings = read_settings(
                heard,
                home=places.home_folder(environ),
                folder=places.current_folder(),
                machine_folder=self._machine_folder,
            )
        except InvalidSettings as error:
            self._refuse(error)
        for dest, value in published.values(settings).items():
            setattr(namespace, dest, value)
        on_the_line = [*typed, *(each for _, its in inner for each in its.typed)]
        published.publish(self, settings, here.words, on_the_line)
        of = partial(Parsed, self.analytics_program, settings, environ, heard)
        self.analytics_parsed = of(typed)
        for each, its in inner:
            each.analytics_parsed = of(its.typed)

    def _refuse(self, error: merge.InvalidSettings) -> NoReturn:
        self._end_with(error.problems)

    def _end_with(self, problems: Sequence[str]) -> NoReturn:
        """End the parse with all problems at once, in the parser's own way."""
        text = "\n".join(listed(problems))
        if getattr(self, "exit_on_error", True):
            self.error(text)
        raise argparse.ArgumentError(None, text)

    def error(self, message: str) -> NoReturn:
        """End the program like the parser's own class, with no key in the message."""
        super().error(re.sub(_KEYS, "(not shown)", message))

    def write_config_file(
        self, parsed_namespace: Any, output_file_paths: Any, exit_after: bool = False
    ) -> None:
        """Write like the parser's own class, what holds of analytics too."""
        if output_file_paths:
            self._merge(parsed_namespace)
        super().write_config_file(  # type: ignore[misc]
            parsed_namespace, output_file_paths, exit_after
        )

    def get_items_for_config_file_output(self, reports: Any, parsed_namespace: Any) -> Any:
        """Return what the parser's own class would write, and what holds of analytics."""
        items = super().get_items_for_config_file_output(  # type: ignore[misc]
            reports, parsed_namespace
        )
        if self.analytics_program:
            from cecli.analytics.settings import namespace as published

            for name in BY_NAME:
                items.pop(name, None)
            items.update(published.items(parsed_namespace))
        return items
