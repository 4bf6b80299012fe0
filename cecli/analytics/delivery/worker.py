"""One delivery: from segments that are ready to events that PostHog has accepted.

Owns the turns of a delivery and what is remembered of it. Which events go together is
:mod:`~cecli.analytics.delivery.batches`', one request :mod:`~cecli.analytics.delivery.sender`'s,
what a reply means :mod:`~cecli.analytics.delivery.posthog`'s.

An event is deleted only after it was accepted. A deliverer that is killed in between leaves its
claims behind; the next one sends them again, with the same uuid and timestamp, by which PostHog
knows them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random, SystemRandom

from cecli.analytics.delivery.batches import Batches
from cecli.analytics.delivery.permission import Disabled, Permission, Stop
from cecli.analytics.delivery.result import Delivery
from cecli.analytics.delivery.sender import LeaveAlone, Sender
from cecli.analytics.delivery.state import GONE, State, Unsent
from cecli.analytics.destination import Target
from cecli.analytics.paths import Paths
from cecli.analytics.spool import process
from cecli.analytics.spool.names import SegmentName
from cecli.analytics.spool.queue import Queue
from cecli.analytics.spool.token import Token

_CHANCE = SystemRandom()


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
        chance: Random = _CHANCE,
    ) -> None:
        """Prepare.

        Args:
            paths: the user's.
            token: the right to deliver; it is released in the end.
            heed_back_offs: leave destinations alone whose back-off isn't over. One that has said
                that it takes nothing any more is left alone in any case.
            clock: seconds since the epoch.
            patience: seconds to wait for one request as a whole.
            chance: makes a part of each back-off random, and chooses what is tried first of what a
                server refuses.
        """
        self._queue, self._token = Queue(paths.spool), token
        self._permission, self._state = Permission(paths, token), State.load(paths.spool)
        self._heed_back_offs, self._clock, self._patience = heed_back_offs, clock, patience
        self._chance = chance
        self._before = self._state.unsent
        self._senders: dict[Target, Sender] = {}
        self._batches: dict[Target, Batches] = {}
        self._problems: list[str] = []
        self._seen: set[str] = set()
        self._left_alone: set[str] = set()

    def run(self) -> Delivery:
        """Deliver all that can be, also what is handed over meanwhile; release the token."""
        mine = True
        while mine:
            try:
                self._round()
                self._remember()
            except Stop as stop:
                if isinstance(stop, Disabled):
                    self._queue.empty()
                self._note(str(stop))
                break
            finally:
                self._token.release()
            # A session that handed over while the token was still taken has started no deliverer.
            mine = bool(self._groups()) and self._token.take(process.identity())
        for sender in self._senders.values():
            sender.close()
        return self._done()

    def _round(self) -> None:
        now = self._clock()
        self._permission.require()
        self._queue.adopt(now)
        for target, dropped in self._queue.prune(now).items():
            self._state.count(Unsent(dropped=dropped), target)
        while groups := self._groups():
            for target, names in groups.items():
                self._seen.update(name.base for name in names)
                if target:
                    self._deliver(target, names)
                else:
                    self._drop_damaged(names)

    def _groups(self) -> dict[Target | None, list[SegmentName]]:
        """Return what is ready and may go now, each segment once in a delivery.

        None is the target of those whose first line is damaged.
        """
        groups: dict[Target | None, list[SegmentName]] = {}
        for name in self._queue.ready():
            if name.base in self._seen:
                continue
            try:
                header = self._queue.header(name)
            except OSError:
                continue  # not ours to read, or gone
            target = header.target if header else None
            if target is None or self._may_try(target):
                groups.setdefault(target, []).append(name)
        return groups

    def _may_try(self, target: Target) -> bool:
        if self._state.is_gone(target):
            self._note(f"{target.host}: {GONE}.")
        heed = self._heed_back_offs
        waits = self._state.is_left_alone(target, self._clock(), heed_back_off=heed)
        return target.id not in self._left_alone and not waits

    def _deliver(self, target: Target, names: list[SegmentName]) -> None:
        if target not in self._batches:
            sender = Sender(
                target,
                self._permission,
                self._state,
                clock=self._clock,
                patience=self._patience,
                chance=self._chance,
            )
            self._senders[target] = sender
            self._batches[target] = Batches(
                self._queue, sender, self._permission, self._state, chance=self._chance
            )
        try:
            self._batches[target].deliver(names)
        except LeaveAlone as why:
            if not self._state.is_gone(target):
                self._left_alone.add(target.id)
            self._note(f"{target.host}: {why}.")

    def _note(self, problem: str) -> None:
        if problem not in self._problems:
            self._problems.append(problem)

    def _drop_damaged(self, names: list[SegmentName]) -> None:
        for name in names:
            self._state.count(Unsent(damaged=self._queue.lines(name)))
            self._queue.remove(name)

    def _done(self) -> Delivery:
        sent = sum(batches.sent for batches in self._batches.values())
        return Delivery(sent, self._state.unsent.since(self._before), tuple(self._problems))

    def _remember(self) -> None:
        self._permission.require()  # nothing is written into a folder that is to be emptied
        self._state.last_time, self._state.last_result = self._clock(), str(self._done())
        self._state.save()
