"""What deliverers remember for the next one: who failed, what was not sent, the last result.

Owns ``delivery.json`` in the spool folder. Only the deliverer that holds the token writes it;
sessions and ``cecli-analytics status`` read it. What can't be read counts as nothing remembered.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress

from cecli import files, ownership
from cecli.analytics.delivery.back_off import MOST_FAILURES, BackOff
from cecli.analytics.destination import Target
from cecli.analytics.spool import names
from cecli.analytics.spool.segment import LATEST, Lost
from cecli.named_tuple import NamedTuple

_LARGEST = 256 * 1024
GONE = "status 410: it takes nothing any more, and is left alone until its host or key changes"
_MOST_REFUSED = 1000
"""How many refused events are remembered of a destination; one takes 40 bytes."""


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
        """By what the consent record calls the destination. One that is being asked has the
        back-off of a failure, for the case that the deliverer is killed; see :meth:`failing`."""
        self.refused: dict[str, list[str]] = {}
        """The uuids of events that a destination has refused one by one and that wait all the same,
        since it has taken none; the last to be refused stands last."""
        self._gone: dict[str, list[str]] = {}
        """The destinations that take nothing any more, and the keys with which they don't."""
        self._asked: dict[str, BackOff | None] = {}
        """The destination that is being asked, if any is, and the back-off that it had before."""
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
        if not files.is_folder(self._folder):
            return
        rare = {"refused": self.refused, "gone": self._gone, "asked": self._asked}
        data = {
            "back_offs": self.back_offs,
            **self.unsent._asdict(),
            "last_time": self.last_time,
            "last_result": self.last_result,
            **{name: value for name, value in rare.items() if value},
        }
        # A full or read-only disk loses the back-off, which costs one request too many.
        with suppress(OSError):
            files.replace(self._path, json.dumps(data).encode())

    def is_left_alone(self, target: Target, now: float, *, heed_back_off: bool = True) -> bool:
        """Tell whether a destination isn't to be asked now."""
        back_off = self.back_offs.get(target.id)
        waits = heed_back_off and back_off and not back_off.is_over(now)
        return bool(waits) or self.is_gone(target)

    def is_gone(self, target: Target) -> bool:
        """Tell whether a destination has said that it takes nothing any more, with this key."""
        return target.destination.key in self._gone.get(target.id, [])

    @property
    def gone(self) -> list[str]:
        """What the consent record calls the destinations that take nothing any more."""
        return list(self._gone)

    def failing(self, under_way: bool) -> dict[str, BackOff]:
        """Return who has failed, and until when it is left alone.

        Args:
            under_way: whether a delivery is under way. Then nothing is said of a destination that
                is being asked but what it has answered before; else it counts as a failure, since
                the deliverer that asked was ended.
        """
        found = dict(self.back_offs)
        for id, before in self._asked.items() if under_way else ():
            found.pop(id, None)
            if before:
                found[id] = before
        return found

    def begin_to_ask(self, id: str, if_killed: BackOff) -> None:
        """Remember that a destination is being asked; *if_killed* holds if no answer is noted."""
        self._asked = {id: self.back_offs.get(id)}
        self.back_offs[id] = if_killed
        self.save()

    def set_back_off(self, id: str, back_off: BackOff | None) -> None:
        """Remember what came of asking: a back-off, or that there is none; write it down."""
        self._asked = {}
        self.back_offs.pop(id, None)
        if back_off:
            self.back_offs[id] = back_off
        self.save()

    def set_gone(self, target: Target) -> None:
        """Remember that a destination takes nothing any more, with this key; write it down."""
        self._gone.setdefault(target.id, []).append(target.destination.key or "")
        self.set_back_off(target.id, None)

    def set_refused(self, id: str, uuids: list[str]) -> None:
        """Remember the events that a destination has refused; written down with what comes next."""
        self.refused.pop(id, None)
        if uuids:
            self.refused[id] = uuids[-_MOST_REFUSED:]

    def count(self, more: Unsent, target: Target | None = None) -> None:
        """Add what was not sent; it is written down with the next back-off, or at the end.

        Args:
            more: the counts.
            target: the destination that is to be told of losses by the next session; None if the
                events named none.
        """
        self.unsent = self.unsent.plus(more)
        if target:
            from cecli.analytics.spool.losses import Losses

            Losses(self._folder).add(target, Lost(more.dropped, more.damaged, more.set_aside))

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
        lists = [_lists(data.get(name, {})) for name in ("refused", "gone")]
        asked = _object(data.get("asked", {}))
        before = {id: None if value is None else _back_off(value) for id, value in asked.items()}
        self.back_offs, self.unsent, self.last_time, self.last_result = taken, unsent, time, result
        (self.refused, self._gone), self._asked = lists, before


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise files.Unreadable("holds no object")
    return value


def _lists(value: object) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, words in _object(value).items():
        if not (isinstance(words, list) and all(isinstance(word, str) for word in words)):
            raise files.Unreadable("holds no list of words")
        found[name] = words
    return found


def _back_off(value: object) -> BackOff:
    if not (isinstance(value, list) and len(value) == 3 and isinstance(value[2], str)):
        raise files.Unreadable("holds no back-off")
    failures = int(min(_number(value[0]), MOST_FAILURES))
    return BackOff(failures, _number(value[1]), value[2])


def _number(value: object) -> float:
    """Return a number within the bounds of time, so that one can count with it.

    >>> _number(-1), _number(10**400)
    (0.0, 253402300799.0)
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise files.Unreadable("holds no number")
    return float(min(max(value, 0.0), LATEST))
