"""The names of the files in the spool folder, and what they tell.

A segment is named ``<creation, ms>-<writer>-<random>`` and ends in

* ``.open`` while its writer may add to it;
* ``.ready`` once it was handed over;
* ``.<deliverer>.claimed`` while a deliverer has it.

The part before the ending stays the same. What the other files hold is their owners'.
"""

from __future__ import annotations

import os
import re

from cecli import files
from cecli.analytics.spool import process
from cecli.named_tuple import NamedTuple

STATE = "delivery.json"
TOKEN = "deliverer.token"
SET_ASIDE = "set-aside.jsonl"
LOST = tuple(f"lost-{number}.jsonl" for number in range(8))
"""Where counts of lost events rest; few names, so that a session needn't list the folder."""

ENDINGS = (".open", ".ready", ".claimed")
"""What the name of a segment ends in."""
_SEGMENT = (
    rf"((\d{{13}})-({process.IDENTITY})-[0-9a-f]{{8}})"
    rf"\.(?:(open)|(ready)|({process.IDENTITY})\.claimed)"
)
_CLAIMED = rf"\d{{13}}-{process.IDENTITY}-[0-9a-f]{{8}}\.{process.IDENTITY}\.claimed"
_OTHERS = "|".join(re.escape(name) for name in (STATE, TOKEN, SET_ASIDE, *LOST))
_TEMPORARY = rf"(?:{_OTHERS}|{_CLAIMED}){files.TEMPORARY}"


class SegmentName(NamedTuple):
    """What the name of a segment tells."""

    file: str
    base: str
    """The part that stays the same."""
    created: float
    """Seconds since the epoch, by its writer's clock."""
    state: str
    """``open``, ``ready`` or ``claimed``."""
    owner: str
    """The process that writes it or has claimed it; for a ready segment, its writer."""

    @classmethod
    def new(cls, created: float) -> SegmentName:
        """Name an open segment of this process."""
        writer = process.identity()
        base = f"{int(created * 1000):013d}-{writer}-{os.urandom(4).hex()}"
        return cls(f"{base}.open", base, created, "open", writer)

    @classmethod
    def parse(cls, file: str) -> SegmentName | None:
        """Read a file's name; None if it isn't a segment's.

        >>> SegmentName.parse("1700000000000-host-12-345-0123abcd.open")[2:]
        (1700000000.0, 'open', 'host-12-345')
        >>> SegmentName.parse("notes.txt")
        """
        match = re.fullmatch(_SEGMENT, file)
        if not match:
            return None
        base, created, writer, open_, ready, claimer = match.groups()
        return cls(file, base, int(created) / 1000, open_ or ready or "claimed", claimer or writer)

    @property
    def ready(self) -> str:
        """The file's name once it was handed over."""
        return f"{self.base}.ready"

    @property
    def claimed(self) -> str:
        """The file's name while this process has it to deliver."""
        return f"{self.base}.{process.identity()}.claimed"


def is_temporary(file: str) -> bool:
    """Tell whether a name is one that :func:`cecli.files.replace` makes here."""
    return re.fullmatch(_TEMPORARY, file) is not None


def is_ours(file: str) -> bool:
    """Tell whether a name is one of a file that we make in the spool folder.

    >>> is_ours("delivery.json"), is_ours("notes.txt")
    (True, False)
    """
    known = file in (STATE, TOKEN, SET_ASIDE, *LOST) or is_temporary(file)
    return known or SegmentName.parse(file) is not None
