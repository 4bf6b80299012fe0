"""The values that travel through cecli.analytics, from what a user set to what is recorded.

They are named tuples: as frozen as a frozen dataclass, without the 5 ms that importing
:mod:`dataclasses` would add to every start of every host. Modules that a session loads define them
without ``from __future__ import annotations``, for a named tuple compiles annotations that are
strings, which doubles the 0.1 ms that it takes to define. What changes, or is made anew for each
event, is a plain class.
"""

from typing import Any, Literal, NamedTuple

from cecli.analytics.defaults import PROJECT_API_KEY

Place = Literal["flag", "variable", "config", "home", "project"]


class Source(NamedTuple):
    """Where a value was set, for a message and for what such a place may decide."""

    place: Place
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


class OptionUse(NamedTuple):
    """That an option of the host was set; never to what."""

    option: str
    """The option's long name without dashes."""
    place: str
    """``flag``, ``variable`` or ``file``; anything else doesn't leave."""


class Destination(NamedTuple):
    """A PostHog project: what a consent is given for."""

    host: str
    """Scheme and authority, as in ``https://app.posthog.com``."""
    key: str | None
    """The project API key; None if none is configured, and then nothing can be sent."""

    @property
    def id(self) -> str:
        """What the consent record calls it: the host, and a digest of any key but cecli's own.

        >>> Destination("https://app.posthog.com", PROJECT_API_KEY).id
        'https://app.posthog.com'
        """
        if self.key is None or self.key == PROJECT_API_KEY:
            return self.host
        digest = _blake2b()(self.key.encode(), digest_size=16).hexdigest()
        return f"{self.host} key blake2b:{digest}"


def _blake2b() -> Any:
    """Return hashlib's blake2b, without the 2 ms that hashlib takes to load OpenSSL."""
    try:
        from _blake2 import blake2b
    except ImportError:
        from hashlib import blake2b
    return blake2b


class Status(NamedTuple):
    """What a session's analytics does, for people."""

    state: Literal["on", "log only", "off"]
    reason: str
    destination: str
    """The host that events are sent to, or would be."""
    log: str | None
    """The path of the log."""
    consent: str | None
    """The path of the consent record; None without a home folder."""
