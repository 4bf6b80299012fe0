"""What one server gets in one delivery: segments in batches, and what it refuses in halves.

A server that refuses a batch may mean one event of it, or it may take nothing at all, as a gateway
that answers 400 to everybody. So an event is at fault, and set aside, only if the server has taken
another one in the same delivery. Otherwise everything waits, as after any other failure.
"""

from __future__ import annotations

from collections.abc import Callable

from cecli.analytics.delivery.sender import Sender
from cecli.analytics.destination import Destination
from cecli.analytics.spool import queue
from cecli.analytics.spool.segment import Envelope, Segment, SegmentName

BATCH_BYTES = 512 * 1024
"""About 800 events: few requests for a backlog, and far below the server's 20 MB."""
MOST_REFUSED_IN_A_ROW = 20
"""Requests that a server may refuse one after the other before it is asked whether it takes
anything at all."""


class Batches:
    """Sends segments to one destination; the server's refusals are remembered for a delivery."""

    def __init__(
        self,
        folder: str,
        id: str,
        destination: Destination,
        sender: Sender,
        progress: Callable[[int], None],
    ) -> None:
        """Prepare.

        Args:
            folder: the spool folder.
            id: what the consent record calls the destination.
            destination: where to send.
            sender: makes the requests, and keeps count of what isn't sent.
            progress: called with the bytes of the queue that have been dealt with.
        """
        self.id, self.destination = id, destination
        self.sent = 0
        """How many events the server has accepted and the queue has lost."""
        self._folder, self._sender, self._progress = folder, sender, progress
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
                refused |= self._send_whole([self._agreed_to(segment) for segment in batch])
            finally:
                self._release(batch)
        self._look_into([name for name in names if name.base in refused])

    def _claim_batch(self, waiting: list[SegmentName]) -> list[Segment]:
        """Claim segments from the end of *waiting*, as many as fit into one request."""
        batch: list[Segment] = []
        size = 0
        while waiting:
            size += queue.size(self._folder, waiting[-1])
            if batch and size > BATCH_BYTES:
                break
            batch += self._claim(waiting.pop())
        return batch

    def _claim(self, name: SegmentName) -> list[Segment]:
        claimed = queue.claim(self._folder, name)
        if claimed is None:
            return []  # gone meanwhile
        try:
            return [queue.read(self._folder, claimed)]
        except OSError:
            queue.release(self._folder, claimed)
            return []

    def _release(self, segments: list[Segment]) -> None:
        """Give back what is still there."""
        for segment in segments:
            queue.release(self._folder, segment.name)

    def _agreed_to(self, segment: Segment) -> Segment:
        """Return the segment with those events alone that the user agrees to send."""
        record = self._sender.require_consent()
        agreed = record.agreed(self.id) is True
        events = [event for event in segment.events if agreed and event.user_id == record.uuid]
        return segment._replace(events=events, not_agreed=len(segment.events) - len(events))

    def _send_whole(self, batch: list[Segment]) -> set[str]:
        """Send segments, in fewer and fewer; return the bases of those that are refused alone."""
        events = [event for segment in batch for event in segment.events]
        if not events or self._send(events):
            for segment in batch:
                self._settle(segment, [])
            return set()
        if len(batch) == 1:
            return {batch[0].name.base}
        middle = len(batch) // 2
        return self._send_whole(batch[:middle]) | self._send_whole(batch[middle:])

    def _look_into(self, names: list[SegmentName]) -> None:
        """Find the events for which segments were refused.

        They are settled as soon as the server has taken anything.
        """
        found: list[tuple[Segment, list[Envelope]]] = []
        try:
            for name in names:
                for segment in self._claim(name):
                    found.append((segment, []))
                    agreed = self._agreed_to(segment)
                    found[-1] = agreed, self._refused_among(agreed.events)
                while found and self._taken:
                    self._settle(*found.pop())
            if found:
                raise self._refuses_everything()
        finally:
            self._release([segment for segment, _ in found])

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
            taken = self._taken
            if taken is None or not self._sender.send(self.id, self.destination, [taken]):
                raise self._refuses_everything()
            self._refused_in_a_row = 0
        if not self._sender.send(self.id, self.destination, events):
            self._refused_in_a_row += 1
            return False
        self._refused_in_a_row, self._taken = 0, events[-1]
        return True

    def _refuses_everything(self) -> Exception:
        return self._sender.leave_alone(self.id, "refuses every single event")

    def _settle(self, segment: Segment, refused: list[Envelope]) -> None:
        """Set aside what was refused; the rest has arrived, or may not be sent."""
        queue.set_aside(self._folder, refused)
        queue.remove(self._folder, segment.name)
        self.sent += len(segment.events) - len(refused)
        state = self._sender.state
        state.set_aside += len(refused)
        state.damaged += segment.damaged
        state.not_agreed += segment.not_agreed
        self._progress(segment.size)
