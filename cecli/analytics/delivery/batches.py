"""What one server gets in one delivery: segments in batches, and what it refuses in halves.

A server that refuses a batch may mean one event of it, or it may take nothing at all, as a gateway
that answers 400 to everybody. So an event is at fault, and set aside, only if the server has taken
another one in the same delivery. Before anything is halved, one that it takes is looked for among
events from all over the queue, others in each delivery, so that no event hides the others for good.
If none is found everything waits, as after any other failure.
"""

from __future__ import annotations

from itertools import chain, zip_longest
from random import Random
from typing import NamedTuple

from cecli.analytics.delivery.permission import Permission
from cecli.analytics.delivery.sender import Sender
from cecli.analytics.delivery.state import State, Unsent
from cecli.analytics.spool.names import SegmentName
from cecli.analytics.spool.queue import Queue
from cecli.analytics.spool.segment import Envelope, Segment

BATCH_BYTES = 512 * 1024
"""About 800 events: few requests for a backlog, and far below the server's 20 MB."""
_REFUSES_ALL = "refuses every single event"
MOST_REFUSED_IN_A_ROW = 20
"""Requests that a server may refuse one after the other before it is asked whether it takes
anything at all; the most that one gets in a delivery which takes nothing."""


class _Part(NamedTuple):
    """A claimed segment, and those of its events that the user agrees to send."""

    segment: Segment
    agreed: list[Envelope]


class Batches:
    """Sends segments to one destination; the server's refusals are remembered for a delivery."""

    def __init__(
        self,
        queue: Queue,
        sender: Sender,
        permission: Permission,
        state: State,
        *,
        chance: Random,
    ) -> None:
        """Prepare.

        Args:
            queue: where the segments are.
            sender: makes the requests.
            permission: which events the user agrees to send.
            state: where it is counted what isn't sent.
            chance: chooses the events that are tried alone while the server has taken nothing.
        """
        self.sent = 0
        """How many events the server has accepted and the queue has lost."""
        self._queue, self._sender, self._permission, self._state = queue, sender, permission, state
        self._chance = chance
        self._refused_in_a_row = 0
        self._refused_alone: set[str] = set()
        """The uuids of events that aren't posted again in this delivery."""
        self._taken: Envelope | None = None
        """An event that the server has accepted in this delivery; the first one, which may still
        stand in a segment of which others were refused."""

    def deliver(self, names: list[SegmentName]) -> None:
        """Deliver segments; look last into what is refused, so that it blocks nothing else.

        Raises:
            LeaveAlone: the rest must wait.
            Stop: nothing may be sent any more.
        """
        waiting, refused = names[::-1], set[str]()
        while waiting:
            batch = self._claim_batch(waiting)
            try:
                refused |= self._send_whole([self._part(segment) for segment in batch])
            finally:
                self._release(batch)
            if refused and not self._taken:
                self._find_taken(names)
                waiting, refused = names[::-1], set()
        self._look_into([name for name in names if name.base in refused])

    def _claim_batch(self, waiting: list[SegmentName]) -> list[Segment]:
        """Claim segments from the end of *waiting*, as many as fit into one request."""
        batch: list[Segment] = []
        size = 0
        while waiting:
            size += self._queue.size(waiting[-1])
            if batch and size > BATCH_BYTES:
                break
            batch += self._claim(waiting.pop())
        return batch

    def _claim(self, name: SegmentName) -> list[Segment]:
        claimed = self._queue.claim(name)
        if claimed is None:
            return []  # gone meanwhile
        try:
            return [self._queue.read(claimed)]
        except OSError:
            self._queue.release(claimed)
            return []

    def _release(self, segments: list[Segment]) -> None:
        """Give back what is still there."""
        for segment in segments:
            self._queue.release(segment.name)

    def _part(self, segment: Segment) -> _Part:
        return _Part(segment, self._permission.agreed(self._sender.id, segment.events))

    def _send_whole(self, batch: list[_Part]) -> set[str]:
        """Send segments, in fewer and fewer; return the bases of those that are refused alone.

        As long as the server has taken nothing they aren't halved: all of them count as refused.
        """
        events = [event for part in batch for event in part.agreed]
        if not events or self._send(events):
            for part in batch:
                self._settle(part, [])
            return set()
        if len(batch) == 1 or not self._taken:
            return {part.segment.name.base for part in batch}
        middle = len(batch) // 2
        return self._send_whole(batch[:middle]) | self._send_whole(batch[middle:])

    def _find_taken(self, names: list[SegmentName]) -> None:
        """Send single events until the server takes one.

        Raises:
            LeaveAlone: it takes none.
        """
        for event in self._sample(names):
            if self._send([event]):
                return
        self._sender.leave_alone(_REFUSES_ALL)

    def _sample(self, names: list[SegmentName]) -> list[Envelope]:
        """Return events by chance, one of each segment before a second one of any.

        Half of the segments are chosen by their size and half regardless of it: neither a few long
        sessions nor many short ones hide the others.
        """
        sizes = [self._queue.size(name) + 1 for name in names]
        evenly = self._chance.sample(names, min(len(names), MOST_REFUSED_IN_A_ROW))
        by_size = self._chance.choices(names, sizes, k=len(evenly))
        chosen = dict.fromkeys(chain.from_iterable(zip(evenly, by_size, strict=True)))
        claimed = [segment for name in chosen for segment in self._claim(name)]
        try:
            parts = [self._part(segment) for segment in claimed]
        finally:
            self._release(claimed)
        shuffled = [self._chance.sample(part.agreed, len(part.agreed)) for part in parts]
        return [event for row in zip_longest(*shuffled) for event in row if event]

    def _look_into(self, names: list[SegmentName]) -> None:
        """Settle segments that were refused alone by a server that takes others."""
        for name in names:
            for segment in self._claim(name):
                try:
                    part = self._part(segment)
                    self._settle(part, self._refused_among(part.agreed))
                finally:
                    self._release([segment])

    def _refused_among(self, events: list[Envelope]) -> list[Envelope]:
        """Return those of the events that the server refuses, which refused them together."""
        if len(events) < 2:
            return events
        middle = len(events) // 2
        refused = []
        for half in (events[:middle], events[middle:]):
            if not self._send(half):
                refused += self._refused_among(half)
        return refused

    def _send(self, events: list[Envelope]) -> bool:
        """Tell whether the server takes events, by one request if that isn't known already.

        After many refusals ask first with the event that it took before. That one arrives twice,
        with the same uuid, by which PostHog knows it. No other event can tell a server that takes
        nothing any more from one to which only bad events are left to send.
        """
        if any(event.uuid in self._refused_alone for event in events):
            return False
        events = [event for event in events if not self._taken or event.uuid != self._taken.uuid]
        if not events:
            return True
        if self._refused_in_a_row >= MOST_REFUSED_IN_A_ROW:
            if not self._taken or not self._sender.send([self._taken]):
                self._sender.leave_alone(_REFUSES_ALL)
            self._refused_in_a_row = 0
        if not self._sender.send(events):
            self._refused_in_a_row += 1
            if len(events) == 1:
                self._refused_alone.add(events[0].uuid)
            return False
        self._refused_in_a_row, self._taken = 0, self._taken or events[-1]
        return True

    def _settle(self, part: _Part, refused: list[Envelope]) -> None:
        """Set aside what was refused; the rest has arrived, or may not be sent."""
        segment, agreed = part
        self._queue.set_aside(refused)
        self._queue.remove(segment.name)
        self.sent += len(agreed) - len(refused)
        not_agreed = len(segment.events) - len(agreed)
        self._state.count(
            Unsent(damaged=segment.damaged, set_aside=len(refused), not_agreed=not_agreed)
        )
