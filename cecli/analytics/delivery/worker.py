"""One delivery: from segments that are ready to events that PostHog has accepted.

Owns the turns of a delivery and what is remembered of it. Which events go together is
:mod:`~cecli.analytics.delivery.batches`', whether a request may be made
:mod:`~cecli.analytics.delivery.sender`'s, what a reply means
:mod:`~cecli.analytics.delivery.posthog`'s.

An event is deleted only after it was accepted. A deliverer that is killed in between leaves its
claims behind; the next one sends them again, with the same uuid and timestamp, by which PostHog
knows them.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from cecli.analytics import process
from cecli.analytics.delivery import state
from cecli.analytics.delivery.batches import Batches
from cecli.analytics.delivery.result import Delivery
from cecli.analytics.delivery.sender import LeaveAlone, Sender, Stop
from cecli.analytics.delivery.token import Token
from cecli.analytics.destination import Destination
from cecli.analytics.paths import Paths
from cecli.analytics.spool import queue
from cecli.analytics.spool import writer as spool
from cecli.analytics.spool.segment import SegmentName
from cecli.messages import shown


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
        self._before = state.load(self._folder)
        self._batches: dict[tuple[str, Destination], Batches] = {}
        self._problems: list[str] = []
        self._seen: set[str] = set()
        self._left_alone: set[str] = set()

    def run(self) -> Delivery:
        """Deliver all that can be, also what is handed over meanwhile; let go of the token."""
        token: Token | None = self._sender.token
        while token:
            self._sender.token = token
            try:
                self._round()
                self._remember()
            except Stop as stop:
                self._problems.append(str(stop))
                token.release()
                break
            token.release()
            # A session that handed over while the token was still taken has started nobody.
            token = Token.take(self._folder, process.identity()) if self._groups() else None
        self._sender.close()
        return self._done()

    def _round(self) -> None:
        now = self._clock()
        self._sender.require_consent()
        if why := spool.trouble(self._folder):  # others could have put events there
            raise Stop(f"{shown(self._folder)} {why}.")
        queue.adopt(self._folder, now)
        self._sender.state.dropped += queue.prune(self._folder, now)
        while groups := self._groups():
            for batches, names in groups.items():
                self._seen.update(name.base for name in names)
                try:
                    batches.deliver(names)
                except LeaveAlone as why:
                    self._left_alone.add(batches.id)
                    self._problems.append(f"{batches.destination.host}: {why}.")

    def _groups(self) -> dict[Batches, list[SegmentName]]:
        """Return what is ready and may go now, each segment once in a delivery."""
        groups: dict[Batches, list[SegmentName]] = {}
        for name in queue.ready(self._folder):
            if name.base in self._seen:
                continue
            try:
                found = queue.destination(self._folder, name)
            except OSError:
                continue  # not ours to read, or gone
            if found is None:
                self._sender.state.damaged += queue.lines(self._folder, name)
                queue.remove(self._folder, name)
            elif self._may_try(found[0]):
                groups.setdefault(self._batches_for(*found), []).append(name)
        return groups

    def _batches_for(self, id: str, destination: Destination) -> Batches:
        made = self._batches.get((id, destination))
        if made is None:
            made = Batches(self._folder, id, destination, self._sender, self._progress)
            self._batches[id, destination] = made
        return made

    def _may_try(self, id: str) -> bool:
        back_off = self._sender.state.back_offs.get(id)
        waits = self._heed_back_offs and back_off and not back_off.is_over(self._clock())
        return id not in self._left_alone and not waits

    def _done(self) -> Delivery:
        before, now = self._before, self._sender.state
        done = Delivery()
        done.sent = sum(batches.sent for batches in self._batches.values())
        done.set_aside = now.set_aside - before.set_aside
        done.dropped = now.dropped - before.dropped
        done.damaged = now.damaged - before.damaged
        done.not_agreed = now.not_agreed - before.not_agreed
        done.problems = self._problems
        return done

    def _remember(self) -> None:
        self._sender.require_consent()  # nothing is written into a folder that was emptied
        self._sender.state.last_time = self._clock()
        self._sender.state.last_result = str(self._done())
        state.save(self._folder, self._sender.state)
