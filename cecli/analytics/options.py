"""The table of analytics options, and their registration on a host's parser.

Reading what was set, and merging it, is :mod:`~cecli.analytics.settings`'s.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping, Sequence

from cecli.analytics import values
from cecli.analytics.defaults import DEFAULT_HOST

TYPE_CHECKING = False  # typing's own costs 2 ms
if TYPE_CHECKING:
    from typing import Any


class Option:
    """One option: a flag, a variable and a YAML key.

    Args:
        name: the long option without dashes, which is also the key in YAML.
        metavar: the name of its value; None for a switch.
        default: what holds if nobody sets it, for people.
        text: what it does, for people.
        example: a value for sample-config.yml.
        read: how its value is read; a switch's is a boolean.
    """

    def __init__(
        self,
        name: str,
        metavar: str | None = None,
        *,
        default: str,
        text: str,
        example: str,
        read: Callable[[object], str] = str,
    ) -> None:
        self.name = name
        self.metavar = metavar
        self.default = default
        self.text = text
        self.example = example
        self.read = read

    @property
    def dest(self) -> str:
        """The attribute of the namespace that holds what the command line said."""
        return self.name.replace("-", "_")

    @property
    def variable(self) -> str:
        """The environment variable.

        >>> OPTIONS[1].variable
        'CECLI_NO_ANALYTICS'
        """
        return "CECLI_" + self.dest.upper()


OPTIONS = (
    Option(
        "analytics",
        default="a few are asked",
        text="Collect anonymous analytics; asks first if you were never asked",
        example="true",
    ),
    Option(
        "no-analytics",
        default="false",
        text="Collect nothing this time",
        example="true",
    ),
    Option(
        "analytics-disable",
        default="false",
        text="Disable analytics for good: forget your id and all that waits to be sent",
        example="true",
    ),
    Option(
        "analytics-log",
        "FILE",
        default="none",
        text="Append every event to this file as a line of JSON, whether or not it is sent",
        example="~/cecli-analytics.jsonl",
        read=values.file_name,
    ),
    Option(
        "analytics-posthog-project-api-key",
        "KEY",
        default="cecli's own",
        text="Send events to this PostHog project instead",
        example="phc_your_project_api_key",
        read=values.api_key,
    ),
    Option(
        "analytics-posthog-host",
        "HOST",
        default=DEFAULT_HOST,
        text="Send events to this PostHog installation instead",
        example="https://posthog.example.com",
        read=values.posthog_host,
    ),
)
"""The six options, in the order in which they are shown."""

BY_NAME = {option.name: option for option in OPTIONS}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Register the analytics options on a configargparse parser, before it parses.

    From then on the parser leaves what config files and the environment say about them to
    :func:`~cecli.analytics.resolve`: configargparse drops what a stronger source overrides,
    reads ``no-analytics: true`` as "on", and stops at an empty variable.

    Raises:
        TypeError: *parser* is no configargparse parser.
        ValueError: its options don't begin with ``-``.
        argparse.ArgumentError: the parser has one of these options already.
    """
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
    parser._config_file_parser = ConfigFileListener(parser, inner)  # type: ignore[attr-defined]


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


class ConfigFileListener:
    """A config file parser that keeps the analytics keys of each file to itself.

    Everything else passes through to the parser that it stands before.
    """

    def __init__(self, parser: argparse.ArgumentParser, inner: Any) -> None:
        self._parser = parser
        self._inner = inner
        self._run: object = None
        self._files: dict[str, Mapping[str, object]] = {}

    def __getattr__(self, name: str) -> Any:
        if name == "_inner":  # a copy that is being made has none yet
            raise AttributeError(name)
        return getattr(self._inner, name)

    def parse(self, stream: Any) -> dict[str, object]:
        """Parse a config file and return its items without those that are ours."""
        if self._run is not self._current_run():
            self._run, self._files = self._current_run(), {}
        ours: dict[str, object] = {}
        others: dict[str, object] = {}
        for key, value in self._inner.parse(stream).items():
            name = str(key).lstrip("-").replace("_", "-").lower()
            if name in BY_NAME or self._would_pass_as_ours(name):
                ours[name] = value
            else:
                others[key] = value
        # Absolute at once: the host may leave this folder before it resolves.
        self._files[os.path.abspath(str(getattr(stream, "name", "config file")))] = ours
        return others

    def files(self) -> list[tuple[str, Mapping[str, object]]]:
        """Return the path and our items of each file that was read last, the strongest first."""
        return list(self._files.items()) if self._run is self._current_run() else []

    def _current_run(self) -> object:
        """Return what configargparse makes anew each time that it parses."""
        return getattr(self._parser, "_source_to_settings", None)

    def _would_pass_as_ours(self, name: str) -> bool:
        """Tell whether configargparse would take an unknown key for one of our flags.

        It makes ``--analytics-lo=x`` of the key ``analytics-lo`` and ``--analytics-log=x=y`` of
        ``analytics-log=x``, and argparse reads both as --analytics-log on the command line.
        """
        known = self._parser._option_string_actions
        return f"--{name}" not in known and name.startswith(("analytics", "no-analytics"))
