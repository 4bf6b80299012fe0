"""What deliverers remember for the next one: back-offs, counts of what was not sent, last result.

Owns ``delivery.json`` in the spool folder. Only the deliverer that holds the token writes it;
sessions and ``cecli-analytics status`` read it. What can't be read counts as nothing remembered.
"""

import json
import os
from contextlib import suppress
from typing import NamedTuple

from cecli import files, ownership

FILE = "delivery.json"
FIRST_DELAY, LONGEST_DELAY = 60.0, 86_400.0
"""Seconds that a back-off lasts after the first failure, and at most."""
_LARGEST = 256 * 1024
_MOST = 30


class BackOff(NamedTuple):
    """That a destination didn't take events, and until when it is left alone."""

    failures: int
    until: float
    """Seconds since the epoch."""
    why: str

    def is_over(self, now: float) -> bool:
        """Tell whether to try again; a clock that was set back doesn't prolong the wait."""
        return not 0 < self.until - now <= LONGEST_DELAY


class State:
    """All that is remembered; its attributes are the keys of the file."""

    def __init__(self) -> None:
        self.back_offs: dict[str, BackOff] = {}
        """By :attr:`Destination.id`."""
        self.dropped = 0
        """Events that were deleted because the queue was too old or too large."""
        self.damaged = 0
        """Lines that couldn't be read as events."""
        self.set_aside = 0
        """Events that the server refuses one by one; they stand in ``set-aside.jsonl``."""
        self.not_agreed = 0
        """Events that were deleted unsent because the user does not agree, or no longer."""
        self.last_time = 0.0
        """When the last delivery ended, in seconds since the epoch; 0 for never."""
        self.last_result = ""
        """What came of it, in words."""


def after_failure(earlier: BackOff | None, now: float, why: str, retry_after: float = 0) -> BackOff:
    """Return the back-off after one more failure: it doubles, and heeds the server's wish.

    >>> after_failure(None, 0, "503")
    BackOff(failures=1, until=60.0, why='503')
    >>> after_failure(BackOff(2, 0, ""), 0, "503").until, after_failure(None, 0, "429", 1e9).until
    (240.0, 86400.0)
    """
    failures = min(earlier.failures if earlier else 0, _MOST) + 1
    delay = max(FIRST_DELAY * 2 ** (failures - 1), retry_after)
    return BackOff(failures, now + min(delay, LONGEST_DELAY), why)


def load(folder: str) -> State:
    """Read the state; a fresh one if there is none that can be read."""
    state = State()
    try:
        data = json.loads(ownership.read(os.path.join(folder, FILE), _LARGEST))
        back_offs = {
            str(name): BackOff(min(max(int(failures), 0), _MOST), float(until), str(why))
            for name, (failures, until, why) in data["back_offs"].items()
        }
        found = {
            name: type(fresh)(data[name])
            for name, fresh in vars(state).items()
            if name != "back_offs"
        }
    except (
        OSError,
        ValueError,
        OverflowError,
        RecursionError,
        TypeError,
        KeyError,
        AttributeError,
    ):
        return state
    vars(state).update(found, back_offs=back_offs)
    return state


def save(folder: str, state: State) -> None:
    """Write the state at once or not at all; where that fails the old one stands."""
    # Full or read-only: the back-off is lost, which costs a request too many.
    with suppress(OSError):
        if files.is_folder(folder):
            files.replace(os.path.join(folder, FILE), json.dumps(vars(state)).encode())
