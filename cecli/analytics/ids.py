"""Random identifiers (UUID, RFC 9562): of a user or an event, and of a session.

Made by hand, since to import :mod:`uuid` takes 1.6 ms, in every session.
"""

import os
import re

_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

_DAY = 24 * 3600 * 1000
"""In milliseconds."""
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


def new() -> str:
    """Return a fresh UUID4 in lower-case canonical form."""
    text = os.urandom(16).hex()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:]}"


def is_uuid4(text: object) -> bool:
    """Tell whether *text* is a UUID4 in lower-case canonical form.

    >>> is_uuid4("1999999a-0000-4000-8000-000000000000"), is_uuid4("1999999A"), is_uuid4(None)
    (True, False, False)
    """
    return isinstance(text, str) and _UUID4.fullmatch(text) is not None


class SessionId:
    """The id of one session: a UUID of version 7, which holds a time and is random otherwise.

    PostHog takes an id for a session's if its time isn't after the first event and less than a day
    before the last (https://posthog.com/docs/data/sessions, "Custom session IDs"). So the time is
    the first event's, which that event tells anyway, and after each full day a day more. A child
    that is forked after the first event goes on with its parent's session.
    """

    def __init__(self) -> None:
        self._first: list[tuple[int, str]] = []

    def id_at(self, time: float) -> str:
        """Return the id for an event.

        Args:
            time: the event's, in seconds since the epoch.
        """
        now = max(int(time * 1000), 0)
        if not self._first:  # two threads may come here at once; then the first entry counts
            self._first.append((now, _random_part()))
        began, random = self._first[0]
        # Not before the first one, though a clock may be set back, or a thread be a moment late.
        days = max((now - began) // _DAY, 0)
        text = f"{began + days * _DAY:012x}"
        return f"{text[:8]}-{text[8:]}-{random}"


def _random_part() -> str:
    text = os.urandom(10).hex()
    return f"7{text[1:4]}-{_VARIANT[text[4]]}{text[5:8]}-{text[8:]}"
