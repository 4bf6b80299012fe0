"""One delivery: from segments that are ready to events that PostHog has accepted.

Owns which events go together and what becomes of their files. Whether a request may be made is
:mod:`~cecli.analytics.delivery.sender`'s, what a reply means
:mod:`~cecli.analytics.delivery.posthog`'s.

An event is deleted only after it was accepted. A deliverer that is killed in between leaves its
claims behind; the next one sends them again, with the same uuid and timestamp, by which PostHog
knows them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from cecli.analytics import process
from cecli.analytics.delivery import queue, state
from cecli.analytics.delivery.result import Delivery
from cecli.analytics.delivery.segment import Envelope, Segment, SegmentName
from cecli.analytics.delivery.sender import LeaveAlone, Sender, Stop
from cecli.analytics.delivery.token import Token
from cecli.analytics.model import Destination
from cecli.analytics.paths import Paths

BATCH_BYTES = 512 * 1024
"""About 800 events: few requests for a backlog, and far below the server's 20 MB."""
MOST_REFUSED_IN_A_ROW = 20
"""Segments and single events that a server may refuse, taking none in between, before it is asked
whether it takes anything at all."""


class _Group(NamedTuple):
    """Segments that go the same way."""

    id: str
    destination: Destination
    names: list[SegmentName]


class Worker:
    """Delivers what waits in a spool folder; makes one delivery."""

    def __init__(
        self,
        paths: Paths,
        token: Token,
        *,
        heed_back_offs: bool = True,
        clock: Callable[[], float] = time.time,
        patience: float = 25.0,
        progress: Callable[[int], None] = lambda size: None,
    ) -> None:
        """Prepare.

        Args:
            paths: the user's.
            token: the right to deliver; it is let go of in the end.
            heed_back_offs: leave destinations alone whose back-off isn't over.
            clock: seconds since the epoch.
            patience: seconds to wait for one request as a whole.
            progress: called with the bytes of the queue that have been dealt with.
        """
        self._folder, self._clock, self._progress = paths.spool, clock, progress
        self._heed_back_offs = heed_back_offs
        self._sender = Sender(paths, token, clock, patience)
        self._seen: set[str] = set()
        self._left_alone: set[str] = set()
        self._refused_in_a_row = 0
        self._taken: dict[str, Envelope] = {}
        """By the destination's id, an event that its server has accepted in this delivery."""
        self._done = Delivery()

    def run(self) -> Delivery:
        """Deliver all that can be, also what is handed over meanwhile; let go of the token."""
        token: Token | None = self._sender.token
        while token:
            self._sender.token = token
            try:
                self._round()
                self._remember()
            except Stop as stop:
                self._problem(str(stop))
                token.release()
                break
            token.release()
            # A session that handed over while the token was still taken has started nobody.
            token = Token.take(self._folder, process.identity()) if self._groups() else None
        return self._done

    def _round(self) -> None:
        now = self._clock()
        self._sender.require_consent()
        queue.adopt(self._folder, now)
        self._count(dropped=queue.prune(self._folder, now))
        while groups := self._groups():
            for group in groups:
                self._seen.update(name.base for name in group.names)
                try:
                    self._deliver(group)
                except LeaveAlone as why:
                    self._left_alone.add(group.id)
                    self._problem(f"{group.destination.host}: {why}.")

    def _groups(self) -> list[_Group]:
        """Return what is ready and may go now, each segment once in a delivery."""
        groups: dict[tuple[str, Destination], _Group] = {}
        for name in queue.ready(self._folder):
            if name.base in self._seen:
                continue
            try:
                found = queue.destination(self._folder, name)
            except OSError:
                continue  # not ours to read, or gone
            if found is None:
                self._count(damaged=queue.lines(self._folder, name))
                queue.remove(self._folder, name)
            elif self._may_try(found[0]):
                groups.setdefault(found, _Group(*found, [])).names.append(name)
        return list(groups.values())

    def _may_try(self, id: str) -> bool:
        back_off = self._sender.state.back_offs.get(id)
        waits = self._heed_back_offs and back_off and not back_off.is_over(self._clock())
        return id not in self._left_alone and not waits

    def _deliver(self, group: _Group) -> None:
        """Deliver what can be; look last into what is refused, so that it blocks nothing else."""
        self._refused_in_a_row = 0
        refused = self._go_through(group, group.names, look_into=False)
        left = [name for name in group.names if name.base in refused]
        self._go_through(group, left, look_into=True)

    def _go_through(self, group: _Group, names: list[SegmentName], *, look_into: bool) -> set[str]:
        """Deliver segments; return the bases of those that were refused and not looked into."""
        names, refused = names[::-1], set()
        while names:
            batch: list[Segment] = []
            try:
                while names and not self._is_full(batch, names[-1]):
                    if segment := self._claim(names.pop()):
                        batch.append(segment)
                agreed = [self._agreed_to(group.id, segment) for segment in batch]
                refused |= self._settle(group, agreed, look_into=look_into)
            finally:
                for segment in batch:
                    queue.release(self._folder, segment.name)  # those that are settled are gone
        return refused

    def _claim(self, name: SegmentName) -> Segment | None:
        claimed = queue.claim(self._folder, name)
        if claimed is None:
            return None  # gone meanwhile
        try:
            return queue.read(self._folder, claimed)
        except OSError:
            queue.release(self._folder, claimed)
            return None

    def _is_full(self, batch: list[Segment], following: SegmentName) -> bool:
        size = sum(segment.size for segment in batch)
        return bool(batch) and size + queue.size(self._folder, following) > BATCH_BYTES

    def _agreed_to(self, id: str, segment: Segment) -> Segment:
        """Return the segment with those events alone that the user agrees to send."""
        record = self._sender.require_consent()
        agreed = record.agreed(id) is True
        events = [event for event in segment.events if agreed and event.user_id == record.uuid]
        return segment._replace(events=events, not_agreed=len(segment.events) - len(events))

    def _settle(self, group: _Group, batch: list[Segment], *, look_into: bool) -> set[str]:
        """Send a batch and delete it; halve it as long as the server refuses it whole.

        A segment that it refuses is not looked into before it is known to take anything, unless
        told so; returns the bases of such segments.
        """
        events = [event for segment in batch for event in segment.events]
        refused: list[Envelope] = []
        if events and not self._send(group, events):
            if len(batch) > 1:
                middle = len(batch) // 2
                first = self._settle(group, batch[:middle], look_into=look_into)
                return first | self._settle(group, batch[middle:], look_into=look_into)
            if not look_into and group.id not in self._taken:
                self._note_refusal(group)
                return {batch[0].name.base}
            refused = self._refused_among(group, events)
            queue.set_aside(self._folder, refused)
        for segment in batch:
            queue.remove(self._folder, segment.name)
            self._count(damaged=segment.damaged, not_agreed=segment.not_agreed)
            self._progress(segment.size)
        self._count(sent=len(events) - len(refused), set_aside=len(refused))
        return set()

    def _refused_among(self, group: _Group, events: list[Envelope]) -> list[Envelope]:
        """Return those of the events that the server refuses, which refused them together."""
        if len(events) == 1:
            self._note_refusal(group)
            return events
        middle = len(events) // 2
        refused = []
        for half in (events[:middle], events[middle:]):
            if not self._send(group, half):
                refused += self._refused_among(group, half)
        return refused

    def _send(self, group: _Group, events: list[Envelope]) -> bool:
        accepted = self._sender.send(group.id, group.destination, events)
        if accepted:
            self._refused_in_a_row = 0
            self._taken[group.id] = events[-1]
        return accepted

    def _note_refusal(self, group: _Group) -> None:
        """After many in a row ask whether the server still takes what it has taken before."""
        self._refused_in_a_row += 1
        if self._refused_in_a_row > MOST_REFUSED_IN_A_ROW:
            taken = self._taken.get(group.id)
            if taken is None or not self._send(group, [taken]):
                raise self._sender.leave_alone(group.id, "refuses every single event")

    def _count(self, **events: int) -> None:
        """Add to what this delivery did, and to what is remembered."""
        for name, number in events.items():
            vars(self._done)[name] += number
            if name in vars(self._sender.state):
                vars(self._sender.state)[name] += number

    def _problem(self, sentence: str) -> None:
        self._done.problems.append(sentence)

    def _remember(self) -> None:
        self._sender.require_consent()  # nothing is written into a folder that was emptied
        self._sender.state.last_time = self._clock()
        self._sender.state.last_result = str(self._done)
        state.save(self._folder, self._sender.state)
