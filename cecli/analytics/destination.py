"""A PostHog project: where events go, what a consent is given for, and what records call it."""

from __future__ import annotations

from cecli.named_tuple import NamedTuple


class Destination(NamedTuple):
    """A PostHog project: what a consent is given for."""

    host: str
    """Scheme and authority, as in ``https://app.posthog.com``."""
    key: str | None
    """The project API key; None if none is configured, and then nothing can be sent."""
    is_own_key: bool = False
    """Whether the key is the program's own, which a release may change."""

    @property
    def target(self) -> Target:
        """It, under the id that a consent for it has now."""
        return Target(self.id, self)

    @property
    def id(self) -> str:
        """What the consent record calls it: the host, and a digest of any key but the program's.

        >>> Destination("https://app.posthog.com", None).id
        'https://app.posthog.com'
        """
        if self.key is None or self.is_own_key:
            return self.host
        import hashlib  # 2 ms, and few have a key of their own

        digest = hashlib.blake2b(self.key.encode(), digest_size=16).hexdigest()
        return f"{self.host} key blake2b:{digest}"


class Target(NamedTuple):
    """Where events go that wait, under the id that their consent has.

    The key may be the program's own of an earlier release, so the id isn't made anew from it.
    """

    id: str
    """What the consent record calls the destination."""
    destination: Destination

    @property
    def host(self) -> str:
        """The destination's host."""
        return self.destination.host


def host_of(id: str) -> str:
    """Return the host of a destination, by what the consent record calls that.

    >>> host_of("https://posthog.example.com key blake2b:00ff")
    'https://posthog.example.com'
    """
    return id.partition(" ")[0]
