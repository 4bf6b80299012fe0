"""How the value of each analytics option is spelled, and what it means.

Every reader takes what a command line, a variable or a config file gave and raises
:class:`ValueError` with a message for the user if it can't be read. No message shows a key.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable

from cecli.messages import quoted

TRUE = ("true", "t", "yes", "y", "on", "1")
FALSE = ("false", "f", "no", "n", "off", "0")

_LARGEST_PORT = 65535
# Patterns aren't compiled here: that takes a third of a millisecond, and few set what they read.
_KEY = r"[!-~]{1,200}"
_HOST = (
    r"(?:(?P<scheme>https?)://)?"
    r"(?P<name>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(?:/[\w.~-]+)*)/*"
)
_LONGEST_HOST = 255
_LONGEST_PATH = 4096
"""Bytes of a path: Linux takes no more, and others less."""
_LONGEST_WORD = 10


def boolean(raw: object) -> bool:
    """Read a switch.

    >>> boolean(" Yes "), boolean("off")
    (True, False)
    """
    if raw is None:
        raise ValueError("true or false was expected, and nothing was given")
    word = _scalar(raw).strip().lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise ValueError(f"{_shown(word, _LONGEST_WORD)} is neither true nor false")


def posthog_host(raw: object) -> str:
    """Read a PostHog host; return its URL without a final slash.

    >>> posthog_host("PostHog.example.com/")
    'https://posthog.example.com'
    """
    text = _scalar(raw).strip()
    # ASCII: a look-alike letter must not name another host.
    short = text[: _LONGEST_HOST + 1]
    match = re.fullmatch(_HOST, short, re.ASCII | re.IGNORECASE)
    if match is None or len(short) > _LONGEST_HOST or int(match["port"] or 0) > _LARGEST_PORT:
        raise ValueError(f"{_shown(text, 80)} is no http or https URL of a PostHog host")
    scheme, port = (match["scheme"] or "https").lower(), match["port"]
    return f"{scheme}://{match['name'].lower()}{f':{port}' if port else ''}{match['path']}"


def api_key(raw: object) -> str:
    """Read a project API key: one word of printable ASCII."""
    if not (isinstance(raw, str) and re.fullmatch(_KEY, raw)):
        raise ValueError("the value (not shown) is no API key: one word in ASCII was expected")
    return raw


def file_name(raw: object) -> str:
    """Read the name of a file, as it was written."""
    name = _scalar(raw)
    if not name.strip():
        raise ValueError(f"{quoted(name)} is no file name")
    if "\0" in name:
        raise ValueError("the name holds a NUL, which no file name can hold")
    try:
        size = len(os.fsencode(name))
    except UnicodeEncodeError as error:
        raise ValueError("the name holds a character that no file name can hold") from error
    if size > _LONGEST_PATH:
        raise ValueError(
            f"{quoted(name)} is too long: a file name of at most {_LONGEST_PATH:,} bytes "
            "was expected"
        )
    return name


def switch(raws: Iterable[object], *, off: bool) -> bool:
    """Read a switch that was given once or more, where the value *off* means off: it wins.

    >>> switch(["true", "false"], off=False), switch(["true", "false"], off=True)
    (False, True)
    """
    return off if off in [boolean(raw) for raw in raws] else not off


def text(raws: Iterable[object], read: Callable[[object], str]) -> str:
    """Read a text that was given once or more, each time alike."""
    found = list(dict.fromkeys(map(read, raws)))
    if len(found) > 1:
        both = "the values (not shown)" if read is api_key else " and ".join(map(quoted, found[:2]))
        raise ValueError(f"{both} contradict each other")
    return found[0]


def _scalar(raw: object) -> str:
    if isinstance(raw, list | dict):
        raise ValueError(f"a {type(raw).__name__} was given where one value is expected")  # noqa: TRY004
    return str(raw)


def _shown(text: str, longest: int) -> str:
    """Quote a value, unless it may be a key or a password that was given to the wrong option."""
    harmless = len(text) <= longest and re.fullmatch(r"[\w.:/ -]*", text, re.ASCII)
    return repr(text) if harmless and "ph" not in text[:2] else "the value (not shown)"
