"""A PostHog project: where events go, and what a consent is given for."""

from typing import NamedTuple

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
        import hashlib  # 2 ms, and few have a key of their own

        digest = hashlib.blake2b(self.key.encode(), digest_size=16).hexdigest()
        return f"{self.host} key blake2b:{digest}"
