"""The table of analytics options.

Putting them on a parser is :mod:`~cecli.analytics.registration`'s, reading and merging
what was set :mod:`~cecli.analytics.settings.merge`'s.
"""

from __future__ import annotations

from collections.abc import Callable

from cecli.analytics.program import CECLI, Program, read_host, read_key
from cecli.analytics.settings import spelling


class Option:
    """One option: a flag, a variable and a YAML key.

    Args:
        name: the long option without dashes, which is also the key in YAML.
        metavar: the name of its value; None for a switch.
        default: what holds if nobody sets it, for people; with ``{name}`` and ``{host}`` for the
            program's.
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
        self._default = default
        self.text = text
        self.example = example
        self.read = read

    @property
    def dest(self) -> str:
        """The attribute of the namespace that holds its value; two switches share one."""
        return "analytics" if self.name == "no-analytics" else self.name.replace("-", "_")

    @property
    def switches_off(self) -> bool:
        """Whether true means off."""
        return not self.metavar and self.name != "analytics"

    def default(self, program: Program = CECLI) -> str:
        """Return what holds in a program if nobody sets it, for people."""
        return self._default.format(name=program.name, host=program.posthog_host)

    def variable(self, program: Program = CECLI) -> str:
        """Return the environment variable of this option of a program.

        >>> OPTIONS[1].variable()
        'CECLI_NO_ANALYTICS'
        """
        return variable(self.name, program)


def variable(name: str, program: Program) -> str:
    """Return the variable that an option of this name would have."""
    return program.prefix + name.replace("-", "_").upper()


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
        read=spelling.file_name,
    ),
    Option(
        "analytics-posthog-project-api-key",
        "KEY",
        default="{name}'s own",
        text="Send events to this PostHog project instead",
        example="phc_your_project_api_key",
        read=read_key,
    ),
    Option(
        "analytics-posthog-host",
        "HOST",
        default="{host}",
        text="Send events to this PostHog installation instead",
        example="https://posthog.example.com",
        read=read_host,
    ),
)
"""The six options, in the order in which they are shown."""

BY_NAME = {option.name: option for option in OPTIONS}

DESTS = tuple(dict.fromkeys(option.dest for option in OPTIONS))
"""The attributes of a namespace that hold their values."""
