"""The table of analytics options, and their registration on a host's parser.

Reading what was set, and merging it, is :mod:`~cecli.analytics.settings`'s.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from cecli.analytics import values
from cecli.analytics.defaults import DEFAULT_HOST
from cecli.analytics.listener import ConfigFileListener

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
