"""What one server gets in one delivery: segments in batches, and what it refuses in halves.

A server that refuses a batch may mean one event of it, or it may take nothing at all, as a gateway
that answers 400 to everybody. So an event is at fault, and set aside, only if the server has taken
another one in the same delivery. Otherwise everything waits, as after any other failure.
"""

from __future__ import annotations

from typing import NamedTuple

from cecli.analytics.delivery.permission import Permission
from cecli.analytics.delivery.sender import Sender
from cecli.analytics.delivery.state import State, Unsent
from cecli.analytics.spool.names import SegmentName
from cecli.analytics.spool.queue import Queue
from cecli.analytics.spool.segment import Envelope, Segment

BATCH_BYTES = 512 * 1024
"""About 800 events: few requests for a backlog, and far below the server's 20 MB."""
MOST_REFUSED_IN_A_ROW = 20
"""Requests that a server may refuse one after the other before it is asked whether it takes
anything at all."""


class _Part(NamedTuple):
    """A claimed segment, and those of its events that the user agrees to send."""

    segment: Segment
    agreed: list[Envelope]


class Batches:
    """Sends segments to one destination; the server's refusals are remembered for a delivery."""

    def __init__(self, queue: Queue, sender: Sender, permission: Permission, state: State) -> None:
        """Prepare.

        Args:
            queue: where the segments are.
            sender: makes the requests.
            permission: which events the user agrees to send.
            state: where it is counted what isn't sent.
        """
        self.sent = 0
        """How many events the server has accepted and the queue has lost."""
        self._queue, self._sender, self._permission, self._state = queue, sender, permission, state
        self._refused_in_a_row = 0
        self._taken: Envelope | None = None
        """An event that the server has accepted in this delivery."""

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
        """Send segments, in fewer and fewer; return the bases of those that are refused alone."""
        events = [event for part in batch for event in part.agreed]
        if not events or self._send(events):
            for part in batch:
                self._settle(part, [])
            return set()
        if len(batch) == 1:
            return {batch[0].segment.name.base}
        middle = len(batch) // 2
        return self._send_whole(batch[:middle]) | self._send_whole(batch[middle:])

    def _look_into(self, names: list[SegmentName]) -> None:
        """Find the events for which segments were refused.

        They are settled as soon as the server has taken anything.
        """
        claimed: list[Segment] = []
        found: list[tuple[_Part, list[Envelope]]] = []
        try:
            for name in names:
                for segment in self._claim(name):
                    claimed.append(segment)
                    part = self._part(segment)
                    found.append((part, self._refused_among(part.agreed)))
                while found and self._taken:
                    self._settle(*found.pop())
            if found:
                raise self._refuses_everything()
        finally:
            self._release(claimed)

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
        """Make one request; after many refusals ask first whether the server takes anything."""
        if self._refused_in_a_row >= MOST_REFUSED_IN_A_ROW:
            if self._taken is None or not self._sender.send([self._taken]):
                raise self._refuses_everything()
            self._refused_in_a_row = 0
        if not self._sender.send(events):
            self._refused_in_a_row += 1
            return False
        self._refused_in_a_row, self._taken = 0, events[-1]
        return True

    def _refuses_everything(self) -> Exception:
        return self._sender.leave_alone("refuses every single event")

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
