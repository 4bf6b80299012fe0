"""How the value of each analytics option is spelled, and what it means.

Every reader takes what a command line, a variable or a config file gave and raises
:class:`ValueError` with a message for the user if it can't be read. No message shows a key.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from cecli.analytics.program import read_key
from cecli.messages import harmless, quoted

TRUE = ("true", "t", "yes", "y", "on", "1")
FALSE = ("false", "f", "no", "n", "off", "0")

_LONGEST_PATH = 4096
"""Bytes of a path: Linux takes no more, and others less."""


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
    raise ValueError(f"{harmless(word)} is neither true nor false")


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


def is_off(raws: Iterable[object], off: bool) -> bool:
    """Tell whether a switch that was given once or more says its value that means *off*: it wins.

    >>> is_off(["true", "false"], False), is_off(["true", "false"], True)
    (True, True)
    """
    return off in [boolean(raw) for raw in raws]


def text(raws: Iterable[object], read: Callable[[object], str]) -> str:
    """Read a text that was given once or more, each time alike."""
    found = list(dict.fromkeys(map(read, raws)))
    if len(found) > 1:
        both = (
            "the values (not shown)" if read is read_key else " and ".join(map(quoted, found[:2]))
        )
        raise ValueError(f"{both} contradict each other")
    return found[0]


def _scalar(raw: object) -> str:
    if isinstance(raw, list | dict):
        raise ValueError(f"a {type(raw).__name__} was given where one value is expected")  # noqa: TRY004
    return str(raw)
