"""Counts of events that were lost before they arrived, until a session tells them, once.

Owns the files ``….lost`` in the spool folder. Such a file is a segment without events: its first
line names a destination and holds the counts. The deliverer adds to it. The next session with that
destination makes it an open segment of its own by rename, so that no other tells the same, and adds
the event that tells. A session that is killed before that leaves a segment without events; the next
deliverer makes it a file of counts again. A disable deletes them with all that waits.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress

from cecli import files, ownership
from cecli.analytics.spool import names, segment
from cecli.analytics.spool.names import SegmentName
from cecli.analytics.spool.segment import Header, Lost, Segment, Target

_LARGEST = 16 * 1024


def add(folder: str, target: Target, lost: Lost) -> None:
    """Count more events as lost; only for the process that holds the token.

    Where that can't be written it isn't counted.
    """
    if not any(lost) or not files.is_folder(folder):
        return
    with suppress(OSError):
        for name in _resting(folder):
            claimed = os.path.join(folder, name.claimed)
            if _target(folder, name.lost) != target or not _rename(folder, name.lost, name.claimed):
                continue
            try:
                before = _read(claimed).lost
                sums = Lost(*map(sum, zip(before, lost, strict=True)))
                files.replace(claimed, segment.write_header(target, sums))
            finally:
                _rename(folder, name.claimed, name.lost)
            return
        path = os.path.join(folder, SegmentName.new(time.time()).lost)
        files.replace(path, segment.write_header(target, lost))


def untold(found: Segment) -> bool:
    """Tell whether a segment is one of counts that a killed process has left."""
    return found.header is not None and any(found.header.lost) and not found.events


def put_back(folder: str, found: Segment) -> None:
    """Make a claimed segment a file of counts again."""
    assert found.header
    with suppress(OSError):
        path = os.path.join(folder, found.name.file)
        files.replace(path, segment.write_header(*found.header))
        _rename(folder, found.name.file, found.name.lost)


def tell(folder: str, id: str, make_line: Callable[[Lost], bytes]) -> None:
    """Add to what waits the events that tell what was lost; never raises.

    Args:
        folder: the spool.
        id: what the consent record calls the session's destination.
        make_line: makes the line of an event, and logs it; it may raise OSError if it can't.
    """
    with suppress(OSError):
        for name in _resting(folder):
            target = _target(folder, name.lost)
            if target is None or target[0] != id:
                continue
            mine = SegmentName.new(time.time())
            if _rename(folder, name.lost, mine.file):  # else another session tells it
                _tell_one(folder, mine, make_line)


def _tell_one(folder: str, mine: SegmentName, make_line: Callable[[Lost], bytes]) -> None:
    path = os.path.join(folder, mine.file)
    size = files.size(path)
    try:
        line = make_line(_read(path).lost)
        descriptor = files.open_to_append(path)
        try:
            files.write(descriptor, line)
        except OSError:
            os.ftruncate(descriptor, size)
            raise
        finally:
            os.close(descriptor)
    except OSError:
        _rename(folder, mine.file, mine.lost)
    else:
        _rename(folder, mine.file, mine.ready)


def _resting(folder: str) -> list[SegmentName]:
    found = sorted(file for file in os.listdir(folder) if names.is_lost(file))
    # Its name tells what a segment's does.
    ready = (SegmentName.parse(file.removesuffix(".lost") + ".ready") for file in found)
    return [name for name in ready if name]


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
