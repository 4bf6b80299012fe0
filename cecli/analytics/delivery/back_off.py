"""How long a destination that fails is left alone: longer each time up to a day, and a random part.

Owns the rule; what is remembered of it is :mod:`~cecli.analytics.delivery.state`'s.
"""

from __future__ import annotations

from cecli.named_tuple import NamedTuple

FIRST_DELAY, LONGEST_DELAY = 60.0, 86_400.0
"""Seconds that a back-off lasts after the first failure, and in the end, before the random part."""
RANDOM_PART = 0.5
"""By how much of itself a delay may be longer, so that many machines don't come back at once."""
MOST_FAILURES = 30
"""How many earlier ones count: the twelfth has the longest delay, and powers of two stay small."""


class BackOff(NamedTuple):
    """That a destination didn't take events, and until when it is left alone."""

    failures: int
    until: float
    """Seconds since the epoch."""
    why: str

    def is_over(self, now: float) -> bool:
        """Tell whether to try again.

        A clock that was set back prolongs the wait, but not beyond the longest one with its random
        part: what would last longer is over.
        """
        return not 0 < self.until - now <= LONGEST_DELAY * (1 + RANDOM_PART)


def after_failure(
    earlier: BackOff | None, now: float, why: str, retry_after: float = 0, *, chance: float
) -> BackOff:
    """Return the back-off after one more failure: it doubles, and heeds the server's wish.

    Args:
        earlier: the back-off until now.
        now: seconds since the epoch.
        why: what the failure was.
        retry_after: seconds that the server asks to wait.
        chance: a random number from 0 to 1.

    >>> after_failure(None, 0, "503", chance=0)
    BackOff(failures=1, until=60.0, why='503')
    >>> after_failure(BackOff(2, 0, ""), 0, "503", chance=1).until
    360.0
    >>> after_failure(None, 0, "429", 1e9, chance=0).until
    86400.0
    """
    failures = min(earlier.failures if earlier else 0, MOST_FAILURES) + 1
    delay = min(max(FIRST_DELAY * 2 ** (failures - 1), retry_after), LONGEST_DELAY)
    return BackOff(failures, now + delay * (1 + RANDOM_PART * chance), why)
