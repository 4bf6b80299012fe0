"""What a segment says: its name, its first line, and the events in it.

Reads what :mod:`~cecli.analytics.spool.writer` writes, from bytes: files are
:mod:`~cecli.analytics.spool.queue`'s. What hasn't the form of an event is damage.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from cecli.analytics import ids, process
from cecli.analytics.destination import Destination

_NAME = re.compile(
    rf"((\d{{13}})-({process.IDENTITY})-[0-9a-f]{{8}})"
    rf"\.(?:(open)|(ready)|({process.IDENTITY})\.claimed)"
)


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
    def parse(cls, file: str) -> SegmentName | None:
        """Read a file's name; None if it isn't a segment's.

        >>> SegmentName.parse("1700000000000-host-12-345-0123abcd.open")[2:]
        (1700000000.0, 'open', 'host-12-345')
        >>> SegmentName.parse("notes.txt")
        """
        match = _NAME.fullmatch(file)
        if not match:
            return None
        base, created, writer, open_, ready, claimer = match.groups()
        return cls(file, base, int(created) / 1000, open_ or ready or "claimed", claimer or writer)


class Envelope(NamedTuple):
    """One event, read from a line of the log or the spool."""

    event: str
    properties: Mapping[str, object]
    user_id: str
    """The anonymous id; PostHog's distinct id."""
    time: float
    """Seconds since the epoch, with milliseconds."""
    uuid: str
    line: bytes
    """The line itself, with its final newline."""


class Segment(NamedTuple):
    """What a claimed segment holds."""

    name: SegmentName
    events: list[Envelope]
    damaged: int
    """How many lines are no events."""
    size: int
    not_agreed: int = 0
    """How many events were in it that the user doesn't agree to send."""


def read_header(line: bytes) -> tuple[str, Destination] | None:
    """Read a segment's first line, as :func:`~cecli.analytics.spool.writer.header` makes it.

    Returns:
        what the consent record calls the destination, and the destination; None for another line.
    """
    try:
        data = json.loads(line)
        host, key, id = data["host"], data["key"], data["destination"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not all(isinstance(text, str) and text for text in (host, key, id)):
        return None
    # The key may be cecli's own of an earlier release, so the id isn't made anew.
    return (id, Destination(host, key)) if id.partition(" ")[0] == host else None


def read(name: SegmentName, raw: bytes) -> Segment:
    """Read a segment's events; damaged lines are counted and passed over."""
    lines = raw.splitlines()[1:]
    events = [event for line in lines if (event := read_event(line))]
    return Segment(name, events, len(lines) - len(events), len(raw))


def count(raw: bytes) -> int:
    """Count a segment's events, whole or not."""
    return max(0, len(raw.splitlines()) - 1)


def read_event(line: bytes) -> Envelope | None:
    """Read one line of the log or the spool; None if it hasn't the form of an event.

    >>> read_event(b'{"event": "exit"}')
    """
    try:
        data = _DECODER.decode(line.decode())
        return Envelope(**data, line=line + b"\n") if _is_sound(**data) else None
    except (ValueError, TypeError, RecursionError):
        return None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)  # json.loads would make one a line


def _is_sound(event: Any, properties: Any, user_id: Any, time: Any, uuid: Any) -> bool:
    return (
        isinstance(event, str)
        and isinstance(properties, dict)
        and isinstance(user_id, str)
        and type(time) in (int, float)
        and 0 <= time < 253_402_300_799  # the year 9999, where dates end
        and ids.is_uuid4(uuid)
    )
