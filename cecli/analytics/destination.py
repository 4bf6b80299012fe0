"""A PostHog project: where events go, and what a consent is given for."""

from typing import NamedTuple


class Destination(NamedTuple):
    """A PostHog project: what a consent is given for."""

    host: str
    """Scheme and authority, as in ``https://app.posthog.com``."""
    key: str | None
    """The project API key; None if none is configured, and then nothing can be sent."""
    is_own_key: bool = False
    """Whether the key is the program's own, which a release may change."""

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
