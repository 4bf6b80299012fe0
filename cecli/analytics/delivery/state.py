"""What deliverers remember for the next one: back-offs, counts of what was not sent, last result.

Owns ``delivery.json`` in the spool folder. Only the deliverer that holds the token writes it;
sessions and ``cecli-analytics status`` read it. What can't be read counts as nothing remembered.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import NamedTuple

from cecli import files, ownership
from cecli.analytics.spool import names
from cecli.analytics.spool.segment import LATEST

FIRST_DELAY, LONGEST_DELAY = 60.0, 86_400.0
"""Seconds that a back-off lasts after the first failure, and at most."""
_LARGEST = 256 * 1024
_MOST_FAILURES = 30


class BackOff(NamedTuple):
    """That a destination didn't take events, and until when it is left alone."""

    failures: int
    until: float
    """Seconds since the epoch."""
    why: str

    def is_over(self, now: float) -> bool:
        """Tell whether to try again; a clock that was set back doesn't prolong the wait."""
        return not 0 < self.until - now <= LONGEST_DELAY


def after_failure(earlier: BackOff | None, now: float, why: str, retry_after: float = 0) -> BackOff:
    """Return the back-off after one more failure: it doubles, and heeds the server's wish.

    >>> after_failure(None, 0, "503")
    BackOff(failures=1, until=60.0, why='503')
    >>> after_failure(BackOff(2, 0, ""), 0, "503").until, after_failure(None, 0, "429", 1e9).until
    (240.0, 86400.0)
    """
    failures = min(earlier.failures if earlier else 0, _MOST_FAILURES) + 1
    delay = max(FIRST_DELAY * 2 ** (failures - 1), retry_after)
    return BackOff(failures, now + min(delay, LONGEST_DELAY), why)


class Unsent(NamedTuple):
    """How many events were not sent, and why not."""

    dropped: int = 0
    """They were deleted because the queue was too old or too large."""
    damaged: int = 0
    """They are lines that can't be read as events."""
    set_aside: int = 0
    """The server refuses them one by one; they stand in ``set-aside.jsonl``."""
    not_agreed: int = 0
    """They were deleted because the user does not agree, or no longer."""

    def plus(self, more: Unsent) -> Unsent:
        """Return the sums.

        >>> Unsent(dropped=1, damaged=2).plus(Unsent(damaged=1))
        Unsent(dropped=1, damaged=3, set_aside=0, not_agreed=0)
        """
        return Unsent(*(count + other for count, other in zip(self, more, strict=True)))

    def since(self, earlier: Unsent) -> Unsent:
        """Return how many more there are than in *earlier*."""
        return Unsent(*(count - other for count, other in zip(self, earlier, strict=True)))


class State:
    """All that is remembered in a spool folder; nothing, until it is loaded."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self.back_offs: dict[str, BackOff] = {}
        """By what the consent record calls the destination."""
        self.unsent = Unsent()
        """What was not sent since the queue was made."""
        self.last_time = 0.0
        """When the last delivery ended, in seconds since the epoch; 0 for never."""
        self.last_result = ""
        """What came of it, in words."""

    @classmethod
    def load(cls, folder: str) -> State:
        """Read the state; a fresh one if there is none that can be read."""
        state = cls(folder)
        with suppress(OSError):
            state._take(ownership.read_object(state._path, _LARGEST))
        return state

    def save(self) -> None:
        """Write the state wholly or not at all; if that fails, the old one stays."""
        data = {
            "back_offs": self.back_offs,
            **self.unsent._asdict(),
            "last_time": self.last_time,
            "last_result": self.last_result,
        }
        # A full or read-only disk loses the back-off, which costs one request too many.
        with suppress(OSError):
            if files.is_folder(self._folder):
                files.replace(self._path, json.dumps(data).encode())

    def set_back_off(self, id: str, back_off: BackOff | None) -> None:
        """Remember a destination's back-off, or that it has none, and write it down."""
        self.back_offs.pop(id, None)
        if back_off:
            self.back_offs[id] = back_off
        self.save()

    def count(self, more: Unsent) -> None:
        """Add what was not sent; it is written down with the next back-off, or at the end."""
        self.unsent = self.unsent.plus(more)

    @property
    def _path(self) -> str:
        return os.path.join(self._folder, names.STATE)

    def _take(self, data: dict[str, object]) -> None:
        """Take over all that a file holds, or nothing.

        Raises:
            files.Unreadable: something in it hasn't the form that :meth:`save` gives it.
        """
        back_offs, result = data.get("back_offs"), data.get("last_result")
        if not (isinstance(back_offs, dict) and isinstance(result, str)):
            raise files.Unreadable("holds no state")
        taken = {name: _back_off(value) for name, value in back_offs.items()}
        unsent = Unsent(*(int(_number(data.get(name))) for name in Unsent._fields))
        time = _number(data.get("last_time"))
        self.back_offs, self.unsent, self.last_time, self.last_result = taken, unsent, time, result


def _back_off(value: object) -> BackOff:
    if not (isinstance(value, list) and len(value) == 3 and isinstance(value[2], str)):
        raise files.Unreadable("holds no back-off")
    failures = int(min(_number(value[0]), _MOST_FAILURES))
    return BackOff(failures, _number(value[1]), value[2])


def _number(value: object) -> float:
    """Return a number within the bounds of time, so that one can count with it.

    >>> _number(-1), _number(10**400)
    (0.0, 253402300799.0)
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise files.Unreadable("holds no number")
    return float(min(max(value, 0.0), LATEST))
