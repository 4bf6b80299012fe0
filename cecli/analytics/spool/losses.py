"""Counts of events that were lost before they arrived, until a session tells them, once.

Owns the files ``lost-….jsonl`` in the spool folder. Each is a segment without events: its first
line names a destination and holds the counts. The deliverer adds to them. The next session with
that destination makes such a file an open segment of its own by rename, so that no other tells the
same, and adds the event that tells. A session that is killed before that leaves a segment without
events, which the next deliverer lets rest again. A disable deletes them with all that waits.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from cecli import files, ownership
from cecli.analytics import ids
from cecli.analytics.spool import names, segment
from cecli.analytics.spool.names import SegmentName
from cecli.analytics.spool.segment import Header, Lost, Segment, Target

_EVENT = "events_lost"
"""The catalogue's name for the event that tells."""
_LARGEST = 16 * 1024


def add(folder: str, target: Target, lost: Lost) -> None:
    """Count more events as lost; only for the process that holds the token.

    Where that can't be written, or eight others rest, it isn't counted.
    """
    if not any(lost) or not files.is_folder(folder):
        return
    claimed = SegmentName.new(time.time()).claimed
    path = os.path.join(folder, claimed)
    with suppress(OSError):
        for rests in names.LOST:
            if _target(folder, rests) == target and _rename(folder, rests, claimed):
                try:
                    sums = Lost(*map(sum, zip(_read(path).lost, lost, strict=True)))
                    files.replace(path, segment.write_header(target, sums))
                finally:
                    _rename(folder, claimed, rests)
                return
        free = _free(folder)
        if free:
            files.replace(os.path.join(folder, free), segment.write_header(target, lost))


def untold(found: Segment) -> bool:
    """Tell whether a segment is one of counts that a killed process has left."""
    return found.header is not None and any(found.header.lost) and not found.events


def put_back(folder: str, found: Segment) -> None:
    """Let the counts of a claimed segment rest again; only for the process that holds the token."""
    assert found.header
    free = _free(folder)
    with suppress(OSError):
        if free:
            path = os.path.join(folder, found.name.file)
            files.replace(path, segment.write_header(*found.header))
            _rename(folder, found.name.file, free)


def forget(folder: str, id: str) -> None:
    """Delete the counts for one destination, by what the consent record calls it."""
    for rests in names.LOST:
        target = _target(folder, rests)
        if target and target[0] == id:
            with suppress(OSError):
                os.unlink(os.path.join(folder, rests))


def tell(
    folder: str,
    id: str,
    sanitise: Callable[..., Any],
    keep: Callable[[bytes], object] | None,
) -> None:
    """Log, and add to what waits, the events that tell what was lost; never raises.

    Args:
        folder: the spool.
        id: what the consent record calls the session's destination.
        sanitise: makes the event, as the session's sanitiser does.
        keep: logs a line, or raises OSError; None without a log.
    """

    def line_of(lost: Lost) -> bytes:
        made = sanitise(_EVENT, lost._asdict(), time=time.time(), uuid=ids.new())
        line: bytes = made.line
        if keep:
            keep(line)
        return line

    for rests in names.LOST:
        target = _target(folder, rests)
        if target and target[0] == id:
            mine = SegmentName.new(time.time())
            if _rename(folder, rests, mine.file):  # else another session tells it
                _tell_one(folder, mine, line_of)


def _tell_one(folder: str, mine: SegmentName, line_of: Callable[[Lost], bytes]) -> None:
    path = os.path.join(folder, mine.file)
    size = files.size(path)
    try:
        line = line_of(_read(path).lost)
        descriptor = files.open_to_append(path)
        try:
            files.write(descriptor, line)
        except OSError:
            os.ftruncate(descriptor, size)
            raise
        finally:
            os.close(descriptor)
    except OSError:
        pass  # the next deliverer lets it rest again
    _rename(folder, mine.file, mine.ready)


def _free(folder: str) -> str | None:
    for name in names.LOST:
        if not os.path.lexists(os.path.join(folder, name)):
            return name
    return None


def _read(path: str) -> Header:
    """Read the first line of a file of counts.

    Raises:
        OSError: it is none, can't be read, or isn't the user's own.
    """
    header = segment.read_header(ownership.read(path, _LARGEST).partition(b"\n")[0])
    if header is None:
        raise files.Unreadable("holds no counts")
    return header


def _target(folder: str, file: str) -> Target | None:
    try:
        return _read(os.path.join(folder, file)).target
    except OSError:
        return None


def _rename(folder: str, file: str, new: str) -> bool:
    try:
        os.rename(os.path.join(folder, file), os.path.join(folder, new))
    except OSError:
        return False
    return True
