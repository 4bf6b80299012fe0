"""What a segment says: its first line, written and read, and the events in it.

Owns the form of a segment and how much may be in it; its name is
:mod:`~cecli.analytics.spool.names`', its file the writer's, then the queue's. A segment is JSON
lines: first its destination, then events as the log has them. What hasn't the form of an event is
damage.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from cecli import TYPE_CHECKING, files
from cecli.analytics import ids
from cecli.analytics.destination import Destination, Target, host_of
from cecli.analytics.spool.names import SegmentName
from cecli.named_tuple import NamedTuple

if TYPE_CHECKING:
    from typing import Any

OPEN_SECONDS = 600
"""How long after its creation a segment is written to."""
ABANDONED_SECONDS = 24 * 3600
"""Age from which an open or claimed segment is taken from whoever has it; far above
:data:`OPEN_SECONDS`, so that neither a sleeping process nor a wrong clock matters."""
OLDEST_SECONDS = 30 * 24 * 3600.0
"""Age from which events are dropped unsent."""
SEGMENT_EVENTS, SEGMENT_BYTES = 250, 128 * 1024
"""What one segment holds, so that a request is made of whole segments."""
MOST_SEGMENTS, MOST_BYTES = 4_000, 50 * 1000 * 1000
"""What may wait. Deliverers keep to it: they delete the oldest. Writers refuse at twice as much,
for the case that no deliverer can be started at all."""

MOST_LOST = 10**9
"""What counts of lost events are believed to be."""

LATEST = 253_402_300_799
"""The end of the year 9999, where dates end, in seconds since the epoch."""


def takes_more(size: int, events: int, age: float) -> bool:
    """Tell whether another event may be added to a segment: there is room, and it isn't old.

    Args:
        size: its bytes.
        events: how many it holds.
        age: seconds since its creation; negative where a clock was set back.

    >>> takes_more(1000, 10, 0), takes_more(1000, 10, OPEN_SECONDS)
    (True, False)
    """
    return size < SEGMENT_BYTES and events < SEGMENT_EVENTS and 0 <= age < OPEN_SECONDS


def over_the_caps(
    found: Sequence[tuple[SegmentName, int]],
    now: float,
    *,
    most_segments: int = MOST_SEGMENTS,
    most_bytes: int = MOST_BYTES,
) -> Iterator[SegmentName]:
    """Yield the segments that may wait no longer, oldest first.

    Args:
        found: all segments, oldest first, and the bytes of each.
        now: seconds since the epoch.
        most_segments: how many may wait.
        most_bytes: how many bytes may wait.
    """
    count, total = len(found), sum(size for _, size in found)
    for name, size in found:
        age = now - name.created
        if count <= most_segments and total <= most_bytes and age <= OLDEST_SECONDS:
            return
        if name.state != "open" or age > ABANDONED_SECONDS:
            yield name
            count, total = count - 1, total - size


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


_KEYS = set(Envelope._fields) - {"line"}


class Lost(NamedTuple):
    """How many events were lost before they arrived, and why."""

    dropped: int = 0
    """They were deleted because the queue was too old or too large."""
    damaged: int = 0
    """They are lines that can't be read as events."""
    set_aside: int = 0
    """The server refuses them one by one."""


class Header(NamedTuple):
    """What a segment's first line says."""

    target: Target
    lost: Lost = Lost()
    """What the event in the segment tells; if there is none, it is yet to be told."""


class Segment(NamedTuple):
    """What a claimed segment holds."""

    name: SegmentName
    header: Header | None
    events: list[Envelope]
    damaged: int
    """How many lines are no events."""


def write_header(target: Target, lost: Lost | None = None) -> bytes:
    """Return a segment's first line."""
    names = {"host": target.host, "key": target.destination.key, "destination": target.id}
    return json.dumps({**names, "lost": lost} if lost else names).encode() + b"\n"


def read_header(line: bytes) -> Header | None:
    """Read a segment's first line; None for another line."""
    try:
        data = files.parse_object(line)
    except files.Unreadable:
        return None
    host, key, id = (data.get(name) for name in ("host", "key", "destination"))
    if not (isinstance(host, str) and isinstance(key, str) and isinstance(id, str)):
        return None
    if not (host and key and host_of(id) == host):
        return None
    return Header(Target(id, Destination(host, key)), _lost(data.get("lost")))


def _lost(value: object) -> Lost:
    """Read counts; what has another form counts as none."""
    numbers = value if isinstance(value, list) and len(value) == len(Lost._fields) else []
    if all(type(number) is int and 0 <= number <= MOST_LOST for number in numbers):
        return Lost(*numbers)
    return Lost()


def read(name: SegmentName, raw: bytes) -> Segment:
    """Read a segment's events; damaged lines are counted and passed over."""
    header, *lines = raw.splitlines() or [b""]
    events = [event for line in lines if (event := read_event(line))]
    return Segment(name, read_header(header), events, len(lines) - len(events))


def count(raw: bytes) -> int:
    """Count a segment's events, whole or not."""
    return max(0, len(raw.splitlines()) - 1)


def read_event(line: bytes) -> Envelope | None:
    """Read one line of the log or the spool; None if it hasn't the form of an event.

    >>> read_event(b'{"event": "exit"}')
    """
    try:
        data = _DECODER.decode(line.decode())
    except (files.Unreadable, ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or data.keys() != _KEYS or not _is_sound(**data):
        return None
    return Envelope(**data, line=line + b"\n")


# Not files.parse_object: its look for names given twice takes a third of a backlog's reading.
_DECODER = json.JSONDecoder(parse_constant=files.refuse_constant)


def _is_sound(event: Any, properties: Any, user_id: Any, time: Any, uuid: Any) -> bool:
    return (
        isinstance(event, str)
        and isinstance(properties, dict)
        and isinstance(user_id, str)
        and type(time) in (int, float)
        and 0 <= time < LATEST
        and ids.is_uuid4(uuid)
    )
