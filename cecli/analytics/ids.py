"""Random identifiers (UUID version 4, RFC 9562).

Made by hand, since to import :mod:`uuid` takes 1.6 ms, in every session.
"""

import os
import re

_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

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
