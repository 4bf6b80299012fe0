"""Claimed segments, and what becomes of their events: they arrived, or were refused.

Owns the counting of it. What is sent when is :mod:`~cecli.analytics.delivery.batches`' and
:mod:`~cecli.analytics.delivery.refusals`'.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from cecli.analytics.delivery.permission import Permission
from cecli.analytics.delivery.state import State, Unsent
from cecli.analytics.destination import Target
from cecli.analytics.spool import losses
from cecli.analytics.spool.names import SegmentName
from cecli.analytics.spool.queue import Queue
from cecli.analytics.spool.segment import Envelope, Segment


class Part:
    """A claimed segment, and those of its events that the user agrees to send."""

    def __init__(self, segment: Segment, agreed: list[Envelope]) -> None:
        self.segment, self.name = segment, segment.name
        self.left = {event.uuid: event for event in agreed}
        """The events of which nothing has become yet, by their uuids."""
        self.unfit = Unsent(damaged=segment.damaged, not_agreed=len(segment.events) - len(agreed))
        """What else is in the segment, until it is counted."""

    @property
    def events(self) -> list[Envelope]:
        """The events of which nothing has become yet."""
        return list(self.left.values())


class Parts:
    """The segments for one destination."""

    def __init__(self, queue: Queue, target: Target, permission: Permission, state: State) -> None:
        self.sent = 0
        """How many events the server has accepted."""
        self._queue, self._target = queue, target
        self._permission, self._state = permission, state

    @contextmanager
    def claimed(self, names: Iterable[SegmentName]) -> Iterator[list[Part]]:
        """Claim segments, and give back what is still there in the end; leave out what is gone.

        Raises:
            Stop: nothing may be sent any more.
        """
        found: list[SegmentName] = []
        try:
            parts = []
            for name in names:
                claimed = self._queue.claim(name)
                if claimed is not None:
                    found.append(claimed)
                    parts += self._read(claimed)
            yield parts
        finally:
            for name in found:
                self._queue.release(name)

    def _read(self, claimed: SegmentName) -> list[Part]:
        try:
            segment = self._queue.read(claimed)
        except OSError:
            return []
        if header := losses.untold(segment):
            self._queue.put_back(claimed, header)
            return []
        part = Part(segment, self._permission.agreed(self._target.id, segment.events))
        if part.left:
            return [part]
        self._take_out(part, [])
        return []

    def size(self, name: SegmentName) -> int:
        """Return a segment's bytes; 0 if it is gone."""
        return self._queue.size(name)

    def arrived(self, part: Part, events: list[Envelope]) -> None:
        """Take out of a segment what the server has taken, so that it is never sent again."""
        self._take_out(part, events)
        self.sent += len(events)

    def refused(self, part: Part, events: list[Envelope]) -> None:
        """Set aside what the server refuses."""
        self._queue.set_aside(events)
        self._take_out(part, events)
        self._count(Unsent(set_aside=len(events)))

    def _take_out(self, part: Part, events: list[Envelope]) -> None:
        for event in events:
            del part.left[event.uuid]
        if part.left:
            self._queue.keep(part.segment, part.events)
        else:
            self._queue.remove(part.name)
        unfit, part.unfit = part.unfit, Unsent()
        self._count(unfit)

    def _count(self, unsent: Unsent) -> None:
        self._state.count(unsent, self._target)
