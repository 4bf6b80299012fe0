"""A PostHog project: where events go, and what a consent is given for."""

from typing import Any, NamedTuple

from cecli.analytics.program import PROJECT_API_KEY


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
