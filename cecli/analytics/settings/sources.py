"""Who said a setting: a flag, a variable, a file."""

from typing import Literal, NamedTuple

Kind = Literal["flag", "variable", "config", "home", "project"]


class Source(NamedTuple):
    """Who set a value, for a message and for what such a source may decide."""

    kind: Kind
    """``config`` is a file named with ``--config``, ``project`` one that may have come with a
    cloned repository."""
    text: str
    """For people: ``--analytics``, ``CECLI_ANALYTICS (environment)``,
    ``analytics in ~/.cecli.conf.yml``."""


class Switch(NamedTuple):
    """A boolean that was set, and where."""

    value: bool
    source: Source


class Text(NamedTuple):
    """A string that was set, and where."""

    value: str
    source: Source
