"""The queue of events that wait: segments are found, claimed, read, capped and removed.

Owns the spool folder once segments were handed over. Only the process that holds the deliverer's
token changes it; others look, or empty it after a refusal. What a segment says is
:mod:`~cecli.analytics.spool.segment`'s. Nothing but files with our names in a real folder is
touched.
"""

from __future__ import annotations

import os
from contextlib import suppress

from cecli import files, ownership
from cecli.analytics.destination import Target
from cecli.analytics.spool import names, process, segment
from cecli.analytics.spool.folder import rename
from cecli.analytics.spool.losses import Losses
from cecli.analytics.spool.names import SET_ASIDE, SegmentName
from cecli.analytics.spool.segment import (
    ABANDONED_SECONDS,
    OLDEST_SECONDS,
    Envelope,
    Header,
    Segment,
)
from cecli.messages import because

_LARGEST_SET_ASIDE = 1_000_000
_LARGEST_HEADER = 16 * 1024
_LARGEST_READ = 8 * segment.SEGMENT_BYTES  # no writer makes one as large; memory stays bounded
_OPEN_FILES_CANT_BE_RENAMED = os.name == "nt"
_ROUNDS = 4
"""How often to look whether a folder is empty: a session may give a segment another name."""


class Queue:
    """The segments in a spool folder, which may be missing."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._losses = Losses(folder)

    def segments(self) -> list[SegmentName]:
        """Return all segments, oldest first; none if the folder isn't one or can't be read."""
        return [name for file in self._files() if (name := SegmentName.parse(file))]

    def ready(self) -> list[SegmentName]:
        """Return the segments that may be claimed, oldest first."""
        return [name for name in self.segments() if name.state == "ready"]

    def adopt(self, now: float) -> None:
        """Make ready what dead writers left open and dead deliverers left claimed.

        Only for the process that holds the token. It takes over every claim whose owner isn't
        known to live.
        """
        for name in self.segments():
            if name.state == "ready":
                continue
            lives = process.lives(name.owner)
            old = now - name.created > ABANDONED_SECONDS
            # Where an open file can't be renamed, trying tells whether it is in use.
            may_try = name.state == "claimed" or _OPEN_FILES_CANT_BE_RENAMED
            if lives is False or old or (lives is None and may_try):
                self._rename(name, name.ready)
        for file in self._files():
            if names.is_temporary(file):
                self._unlink(file)

    def claim(self, name: SegmentName) -> SegmentName | None:
        """Make a ready segment this process's; None if it is gone."""
        return SegmentName.parse(name.claimed) if self._rename(name, name.claimed) else None

    def release(self, name: SegmentName) -> None:
        """Give a claimed segment back, if it is still there."""
        self._rename(name, name.ready)

    def header(self, name: SegmentName) -> Header | None:
        """Return a segment's first line; None if that is damaged.

        Raises:
            OSError: it can't be read, or isn't the user's own.
        """
        raw = ownership.read(self._path(name.file), _LARGEST_HEADER)
        return segment.read_header(raw.partition(b"\n")[0])

    def read(self, name: SegmentName) -> Segment:
        """Read a claimed segment's events; damaged lines are counted and passed over.

        Raises:
            OSError: it can't be read, or isn't the user's own.
        """
        return segment.read(name, ownership.read(self._path(name.file), _LARGEST_READ))

    def lines(self, name: SegmentName) -> int:
        """Count a segment's events, whole or not; 0 if it can't be read."""
        try:
            raw = files.read(self._path(name.file), _LARGEST_READ)
        except OSError:
            return 0
        return segment.count(raw)

    def size(self, name: SegmentName) -> int:
        """Return a segment's bytes; 0 if it is gone."""
        return files.size(self._path(name.file))

    def remove(self, name: SegmentName) -> None:
        """Delete a segment."""
        self._unlink(name.file)

    def put_back(self, name: SegmentName, header: Header) -> None:
        """Let counts of lost events rest again, which a killed process has left in a segment."""
        self._losses.put_back(name, header)

    def keep(self, claimed: Segment, events: list[Envelope]) -> None:
        """Leave only *events* in a claimed segment; if that fails it stays as it is."""
        if claimed.header is not None:
            header = segment.write_header(claimed.header.target)
            with suppress(OSError):
                content = header + b"".join(event.line for event in events)
                files.replace(self._path(claimed.name.file), content)

    def set_aside(self, events: list[Envelope]) -> None:
        """Write down events that the server refuses one by one, for people to look at."""
        with suppress(OSError):  # they are counted all the same
            descriptor = files.create(self._path(SET_ASIDE), os.O_APPEND)
            try:
                if os.fstat(descriptor).st_size < _LARGEST_SET_ASIDE:
                    os.write(descriptor, b"".join(event.line for event in events))
            finally:
                os.close(descriptor)

    def prune(
        self,
        now: float,
        *,
        most_segments: int = segment.MOST_SEGMENTS,
        most_bytes: int = segment.MOST_BYTES,
    ) -> dict[Target | None, int]:
        """Delete what is over the caps, oldest first.

        Returns:
            how many events that were, by their destination; None stands for those without one.
        """
        self._prune_set_aside(now)
        found = [(name, self.size(name)) for name in self.segments()]
        dropped: dict[Target | None, int] = {}
        for name in segment.over_the_caps(
            found, now, most_segments=most_segments, most_bytes=most_bytes
        ):
            header = self._header_or_none(name)
            if header and any(header.lost):
                # What it tells was lost by other events, and is to be told all the same.
                self.put_back(name, header)
            else:
                target = header.target if header else None
                dropped[target] = dropped.get(target, 0) + self.lines(name)
            self.remove(name)
        return dropped

    def _header_or_none(self, name: SegmentName) -> Header | None:
        try:
            return self.header(name)
        except OSError:
            return None

    def _prune_set_aside(self, now: float) -> None:
        path = self._path(SET_ASIDE)
        with suppress(OSError):
            lines = files.read(path, 2 * _LARGEST_SET_ASIDE).splitlines()
            events = [event for line in lines if (event := segment.read_event(line))]
            kept = [event.line for event in events if now - event.time <= OLDEST_SECONDS]
            if not kept:
                self._unlink(SET_ASIDE)
            elif len(kept) < len(lines):
                files.replace(path, b"".join(kept))

    def forget(self, id: str) -> None:
        """Delete what waits for one destination, by what the consent record calls it."""
        for name in self.segments():
            header = self._header_or_none(name)
            if header and header.target.id == id:
                self.remove(name)
        self._losses.forget(id)

    def empty(self) -> str | None:
        """Remove everything of ours in the folder, and the folder if nothing else is in it.

        Returns:
            None, or why something of ours is still there, as the end of a sentence.
        """
        if not files.is_folder(self._folder):
            # Nothing behind a link is touched: it may be anybody's.
            return "it is a link" if os.path.islink(self._folder) else None
        why = None
        for _ in range(_ROUNDS):
            try:
                ours = [file for file in os.listdir(self._folder) if names.is_ours(file)]
            except FileNotFoundError:
                return None
            except OSError as error:
                return because(error)
            if not ours:
                with suppress(OSError):  # somebody else's file is in it
                    os.rmdir(self._folder)
                return None
            why = "a running session writes more"
            for file in ours:
                try:
                    os.unlink(self._path(file))
                except FileNotFoundError:
                    continue  # it has another name by now
                except OSError as error:
                    why = because(error)
        return why

    def _path(self, file: str) -> str:
        return os.path.join(self._folder, file)

    def _files(self) -> list[str]:
        if not files.is_folder(self._folder):
            return []
        try:
            return sorted(os.listdir(self._folder))
        except OSError:
            return []

    def _rename(self, name: SegmentName, new: str) -> bool:
        return rename(self._folder, name.file, new)

    def _unlink(self, file: str) -> None:
        with suppress(OSError):  # gone already, or not ours to remove
            os.unlink(self._path(file))
