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

from cecli import TYPE_CHECKING, files, ownership
from cecli.analytics import ids
from cecli.analytics.destination import Target
from cecli.analytics.spool import names, segment
from cecli.analytics.spool.folder import rename
from cecli.analytics.spool.names import SegmentName
from cecli.analytics.spool.segment import Header, Lost, Segment

if TYPE_CHECKING:
    from typing import Any

_EVENT = "events_lost"
"""The catalogue's name for the event that tells."""
_LARGEST = 16 * 1024


class Losses:
    """The counts in a spool folder, which may be missing."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def add(self, target: Target, lost: Lost) -> None:
        """Count more events as lost; only for the process that holds the token.

        Where that can't be written, or eight others rest, it isn't counted.
        """
        if not any(lost) or not files.is_folder(self._folder):
            return
        claimed = SegmentName.new(time.time()).claimed
        path = self._path(claimed)
        with suppress(OSError):
            for rests in names.LOST:
                if self._target(rests) == target and self._rename(rests, claimed):
                    try:
                        sums = Lost(*map(sum, zip(_read(path).lost, lost, strict=True)))
                        files.replace(path, segment.write_header(target, sums))
                    finally:
                        self._rename(claimed, rests)
                    return
            free = self._free()
            if free:
                files.replace(self._path(free), segment.write_header(target, lost))

    def put_back(self, name: SegmentName, header: Header) -> None:
        """Let the counts in a segment's header rest again; only for who holds the token."""
        free = self._free()
        with suppress(OSError):
            if free:
                files.replace(self._path(name.file), segment.write_header(*header))
                self._rename(name.file, free)

    def forget(self, id: str) -> None:
        """Delete the counts for one destination, by what the consent record calls it."""
        for rests in names.LOST:
            target = self._target(rests)
            if target and target.id == id:
                with suppress(OSError):
                    os.unlink(self._path(rests))

    def tell(
        self,
        id: str,
        sanitise: Callable[..., Any],
        keep: Callable[[bytes], object] | None,
    ) -> None:
        """Log, and add to what waits, the events that tell what was lost; never raises.

        Args:
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
            target = self._target(rests)
            if target and target.id == id:
                mine = SegmentName.new(time.time())
                if self._rename(rests, mine.file):  # else another session tells it
                    self._tell_one(mine, line_of)

    def _tell_one(self, mine: SegmentName, line_of: Callable[[Lost], bytes]) -> None:
        path = self._path(mine.file)
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
        self._rename(mine.file, mine.ready)

    def _free(self) -> str | None:
        for name in names.LOST:
            if not os.path.lexists(self._path(name)):
                return name
        return None

    def _target(self, file: str) -> Target | None:
        try:
            return _read(self._path(file)).target
        except OSError:
            return None

    def _rename(self, file: str, new: str) -> bool:
        return rename(self._folder, file, new)

    def _path(self, file: str) -> str:
        return os.path.join(self._folder, file)


def untold(found: Segment) -> Header | None:
    """Return the header of a segment of counts that a killed process has left, if it is one."""
    left = found.header is not None and any(found.header.lost) and not found.events
    return found.header if left else None


def _read(path: str) -> Header:
    """Read the first line of a file of counts.

    Raises:
        OSError: it is none, can't be read, or isn't the user's own.
    """
    header = segment.read_header(ownership.read(path, _LARGEST).partition(b"\n")[0])
    if header is None:
        raise files.Unreadable("holds no counts")
    return header
