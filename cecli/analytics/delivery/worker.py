"""One delivery: from segments that are ready to events that PostHog has accepted.

Owns the order of things: the token, the consent before each request, what is done with events
after each outcome. Files are :mod:`~cecli.analytics.delivery.queue`'s, the request and what a
reply means :mod:`~cecli.analytics.delivery.posthog`'s.

An event is deleted only after it was accepted. A deliverer that is killed in between leaves its
claims behind; the next one sends them again, with the same uuid and timestamp, by which PostHog
knows them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from cecli.analytics import consent, process
from cecli.analytics.delivery import queue, state
from cecli.analytics.delivery.queue import Segment
from cecli.analytics.delivery.state import BackOff
from cecli.analytics.delivery.token import Token
from cecli.analytics.model import Destination, Envelope
from cecli.analytics.paths import Paths
from cecli.analytics.spool import SegmentName

if TYPE_CHECKING:
    from cecli.analytics.delivery.posthog import Connection

BATCH_BYTES = 512 * 1024
"""About 800 events: few requests for a backlog, and far below the server's 20 MB."""
MOST_REFUSED_IN_A_ROW = 20
"""Single events that a server may refuse, taking none in between, before it is left alone."""


class Delivery(NamedTuple):
    """What one delivery did, in events."""

    sent: int = 0
    set_aside: int = 0
    dropped: int = 0
    damaged: int = 0
    refused: int = 0
    problems: tuple[str, ...] = ()
    """Why events still wait: a sentence for each destination, or one for all."""

    def __str__(self) -> str:
        """Say it in words.

        >>> str(Delivery(sent=3, refused=1, problems=("https://x: status 503.",)))
        'sent 3 events; deleted 1 unsent, not agreed to. https://x: status 503.'
        """
        counts = {
            "set aside {} that the server refuses": self.set_aside,
            "dropped {} over the limits of age and size": self.dropped,
            "passed over {} damaged lines": self.damaged,
            "deleted {} unsent, not agreed to": self.refused,
        }
        did = [f"sent {self.sent} event{'' if self.sent == 1 else 's'}"]
        did += [words.format(count) for words, count in counts.items() if count]
        return " ".join(["; ".join(did) + ".", *self.problems]) if self.problems else "; ".join(did)


class _Stop(Exception):
    """Nothing more may be sent in this delivery; the message says why."""


class _LeaveAlone(Exception):
    """Nothing more is sent to this destination in this delivery; the message says why."""


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
        self._paths, self._folder, self._token = paths, paths.spool, token
        self._heed_back_offs, self._clock, self._progress = heed_back_offs, clock, progress
        self._patience = patience
        self._state = state.load(paths.spool)
        self._connections: dict[Destination, Connection] = {}
        self._seen: set[str] = set()
        self._left_alone: set[str] = set()
        self._refused_in_a_row = 0
        self._done = Delivery()

    def run(self) -> Delivery:
        """Deliver all that can be, also what is handed over meanwhile; let go of the token."""
        token: Token | None = self._token
        while token:
            self._token = token
            try:
                self._round()
            except _Stop as stop:
                self._problem(str(stop))
            self._remember()
            token.release()
            # A session that handed over when the token was still taken has started nobody.
            more = not self._done.problems and self._groups()
            token = Token.take(self._folder, process.identity()) if more else None
        return self._done

    def _round(self) -> None:
        now = self._clock()
        self._consent()
        queue.adopt(self._folder, now)
        self._count(dropped=queue.prune(self._folder, now))
        while groups := self._groups():
            for group in groups:
                self._seen.update(name.base for name in group.names)
                try:
                    self._deliver(group)
                except _LeaveAlone as why:
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
        back_off = self._state.back_offs.get(id)
        waits = self._heed_back_offs and back_off and not back_off.is_over(self._clock())
        return id not in self._left_alone and not waits

    def _deliver(self, group: _Group) -> None:
        names = group.names[::-1]
        while names:
            self._consent()
            batch: list[Segment] = []
            try:
                while names and not self._is_full(batch, names[-1]):
                    if name := queue.claim(self._folder, names.pop()):
                        batch.append(queue.read(self._folder, name))
                self._settle(group, [self._agreed_to(group.id, segment) for segment in batch])
            finally:
                for segment in batch:
                    queue.release(self._folder, segment.name)  # those that are settled are gone

    def _is_full(self, batch: list[Segment], following: SegmentName) -> bool:
        size = sum(segment.size for segment in batch)
        return bool(batch) and size + queue.size(self._folder, following) > BATCH_BYTES

    def _agreed_to(self, id: str, segment: Segment) -> Segment:
        """Return the segment with those events alone that the user agrees to send."""
        record = consent.load(self._paths)
        agreed = record.agreed(id) is True
        events = [event for event in segment.events if agreed and event.user_id == record.uuid]
        return segment._replace(events=events, refused=len(segment.events) - len(events))

    def _settle(self, group: _Group, batch: list[Segment]) -> None:
        """Send a batch and delete it; halve it as long as the server refuses it whole."""
        events = [event for segment in batch for event in segment.events]
        refused: list[Envelope] = []
        if events and not self._accepted(group, events):
            if len(batch) > 1:
                middle = len(batch) // 2
                self._settle(group, batch[:middle])
                self._settle(group, batch[middle:])
                return
            refused = self._refused_among(group, events)
            queue.set_aside(self._folder, refused)
        for segment in batch:
            queue.remove(self._folder, segment.name)
            self._count(damaged=segment.damaged, refused=segment.refused)
            self._progress(segment.size)
        self._count(sent=len(events) - len(refused), set_aside=len(refused))

    def _refused_among(self, group: _Group, events: list[Envelope]) -> list[Envelope]:
        """Return those of the events that the server refuses, which refused them together."""
        if len(events) == 1:
            self._refused_in_a_row += 1
            if self._refused_in_a_row > MOST_REFUSED_IN_A_ROW:
                why = "refuses every single event"
                self._store_back_off(group.id, None, why)
                raise _LeaveAlone(why)
            return events
        middle = len(events) // 2
        refused = []
        for half in (events[:middle], events[middle:]):
            if not self._accepted(group, half):
                refused += self._refused_among(group, half)
        return refused

    def _accepted(self, group: _Group, events: list[Envelope]) -> bool:
        """Make one request; False if the server refuses these events, as they are, together.

        Raises:
            _LeaveAlone: the events must wait.
            _Stop: nothing may be sent any more.
        """
        from cecli.analytics.delivery import posthog  # a quarter of a second, if there is work

        record = self._consent()
        agreed = record.agreed(group.id) is True
        if not agreed or any(event.user_id != record.uuid for event in events):
            raise _Stop("The consent has changed meanwhile.")
        if not self._token.renew():
            raise _Stop("Another deliverer has taken over.")
        earlier = self._state.back_offs.get(group.id)
        # Stored before the request, so that one in which this process is killed counts, too.
        self._store_back_off(group.id, earlier, "the deliverer was ended before an answer")
        if group.destination not in self._connections:
            connection = posthog.Connection(group.destination, patience=self._patience)
            self._connections[group.destination] = connection
        outcome = self._connections[group.destination].send(events)
        self._consent()  # or the state would be written anew into an emptied folder
        if outcome.verdict is posthog.Verdict.KEEP:
            self._store_back_off(group.id, earlier, outcome.why, outcome.retry_after)
            raise _LeaveAlone(outcome.why)
        self._store_back_off(group.id, None, None)
        accepted = outcome.verdict is posthog.Verdict.ACCEPTED
        if accepted:
            self._refused_in_a_row = 0
        return accepted

    def _consent(self) -> consent.ConsentRecord:
        """Read the consent; a user who has disabled analytics finds the queue empty."""
        record = consent.load(self._paths)
        if record.permanently_disable:
            queue.empty(self._folder)
            raise _Stop("Analytics is disabled; the queue was emptied.")
        if record.problem:
            raise _Stop(f"{self._paths.consent} {record.problem}, which counts as a refusal.")
        return record

    def _store_back_off(
        self, id: str, earlier: BackOff | None, why: str | None, retry_after: float = 0
    ) -> None:
        """Store one failure more than *earlier*, or that there was none if *why* is None."""
        back_offs = dict(self._state.back_offs)
        back_offs.pop(id, None)
        if why is not None:
            back_offs[id] = state.after_failure(earlier, self._clock(), why, retry_after)
        self._state = self._state._replace(back_offs=back_offs)
        state.save(self._folder, self._state)

    def _count(self, **events: int) -> None:
        """Add to what this delivery did, and to what is remembered."""
        done: dict[str, Any] = self._done._asdict()
        kept: dict[str, Any] = self._state._asdict()
        for name, number in events.items():
            self._done = self._done._replace(**{name: done[name] + number})
            if name in kept:
                self._state = self._state._replace(**{name: kept[name] + number})

    def _problem(self, sentence: str) -> None:
        self._done = self._done._replace(problems=(*self._done.problems, sentence))

    def _remember(self) -> None:
        if not consent.load(self._paths).permanently_disable:
            self._state = self._state._replace(last_time=self._clock(), last_result=str(self._done))
            state.save(self._folder, self._state)
