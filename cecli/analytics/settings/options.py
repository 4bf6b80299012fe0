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
        secret: whether nobody may see more than its ends.
        dest: the attribute of the namespace that holds its value, if that isn't named after it:
            two switches share one.
        const: what a switch puts there from the command line.
        initial: what is there if nobody sets it.
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
        secret: bool = False,
        dest: str | None = None,
        const: bool | None = None,
        initial: bool | None = None,
    ) -> None:
        self.name = name
        self.metavar = metavar
        self._default = default
        self.text = text
        self.example = example
        self.read = read
        self.secret = secret
        self.dest = dest or name.replace("-", "_")
        self.const = const
        self.initial = initial

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
        return variable(self.name, program.prefix)


def variable(name: str, prefix: str) -> str:
    """Return the variable that an option of this name would have."""
    return prefix + name.replace("-", "_").upper()


def name_of(raw: object) -> str:
    """Return the name of an option as a config file, or the end of a variable, may spell it.

    >>> name_of("--No_Analytics")
    'no-analytics'
    """
    return str(raw).lstrip("-").replace("_", "-").lower()


OPTIONS = (
    Option(
        "analytics",
        default="a few are asked",
        text="Collect anonymous analytics; asks first if you were never asked",
        example="true",
        const=True,
    ),
    Option(
        "no-analytics",
        default="false",
        text="Collect nothing this time",
        example="true",
        dest="analytics",
        const=False,
    ),
    Option(
        "analytics-disable",
        default="false",
        text="Disable analytics for good: forget your id and all that waits to be sent",
        example="true",
        const=True,
        initial=False,
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
        secret=True,
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

INITIAL = {option.dest: option.initial for option in OPTIONS}
"""The attributes of a namespace that hold their values, and what is there if nobody sets them."""
