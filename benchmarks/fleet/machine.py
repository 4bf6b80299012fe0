"""One machine of a fleet: its queue, its deliverers, and the project's own rules for both.

Owns no rule. Whether a deliverer starts, what goes into a request, what a reply means, how long a
server is left alone and what may wait is asked of the modules that decide it on a real machine.
Only their files are left out: the queue is a list, and a token is the time at which it was made.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from math import log
from random import Random
from typing import NamedTuple

from simpy import Environment, Event

from benchmarks.fleet import usage
from benchmarks.fleet.server import Arrival, Server
from cecli.analytics.consent.record import ConsentRecord
from cecli.analytics.delivery import detached, posthog
from cecli.analytics.delivery.batches import fit
from cecli.analytics.delivery.permission import Permission
from cecli.analytics.delivery.sender import LeaveAlone, Sender
from cecli.analytics.delivery.state import State
from cecli.analytics.destination import Destination, Target
from cecli.analytics.spool import segment, token
from cecli.analytics.spool.names import SegmentName

_HOST = "https://posthog.example.com"
_TARGET = Target(_HOST, Destination(_HOST, "phc_fleet"))


class Waiting(NamedTuple):
    """A segment that waits."""

    name: SegmentName
    size: int
    events: int


class _Agreed(Permission):
    """The permission of a user who has agreed and doesn't take it back."""

    def __init__(self) -> None:
        pass

    def require(self) -> ConsentRecord:
        return ConsentRecord()

    def require_agreement(self, id: str, events: object) -> None:
        pass

    def require_turn(self) -> None:
        pass


class _Line(posthog.Connection):
    """The way from one machine to the server."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def send(self, batch: object, may_go: object) -> posthog.Outcome:
        machine = self._machine
        return posthog.judge(machine.server.reply(machine.kind, machine.env.now))


class Machine:
    """An installation whose user has agreed."""

    def __init__(self, env: Environment, kind: usage.Kind, server: Server, chance: Random) -> None:
        self.env, self.kind, self.server, self.chance = env, kind, server, chance
        self.state = State("")
        self.state.last_time = 1  # it isn't new: it has delivered before
        self.queue: list[Waiting] = []
        self._token: tuple[float, bool] | None = None
        """When it was made or renewed, and whether its deliverer is yet to begin."""
        self._sender = Sender(
            _TARGET,
            _Agreed(),
            self.state,
            clock=lambda: env.now,
            patience=0,
            chance=chance,
            connection=_Line(self),
        )

    def live(self, given: Iterable[usage.HandOver]) -> Generator[Event, None, None]:
        """Hand over segments, each at its time."""
        for each in given:
            yield self.env.timeout(each.time - self.env.now)
            self.hand_over(each)

    def hand_over(self, given: usage.HandOver) -> None:
        """Let a segment wait, and start a deliverer if the rules say so."""
        name = SegmentName("", "", given.created, "ready", "")
        self.queue.append(Waiting(name, given.events * usage.EVENT_BYTES, given.events))
        if self.state.is_left_alone(_TARGET, self.env.now) or self._is_taken():
            return
        self._token = self.env.now, True
        self.server.processes[self.kind] += 1
        self.env.process(self._deliver())

    def _is_taken(self) -> bool:
        if self._token is None:
            return False
        since, starting = self._token
        return token.is_valid(self.env.now - since, starting=starting)

    def _deliver(self) -> Generator[Event, None, None]:
        """Run one deliverer: request by request, as long as something waits and is taken."""
        start = self.chance.lognormvariate(log(usage.START_MEDIAN), usage.START_SPREAD)
        waits = detached.pause(
            attended=self.kind.attended,
            last_time=self.state.last_time,
            chance=self.chance.random(),
        )
        self._token = self.env.now + waits, True  # it is kept as long as it waits
        yield self.env.timeout(waits + start)
        self._token = self.env.now, False
        self._prune()
        try:
            while self.queue:
                end = len(self.queue)
                begin = end - fit(each.size for each in reversed(self.queue))
                yield self.env.timeout(usage.REQUEST_SECONDS)
                self._sender.send([])
                batch = self.queue[begin:end]
                del self.queue[begin:end]
                now = self.env.now
                arrivals = [Arrival(each.name.created, now, each.events) for each in batch]
                self.server.arrivals[self.kind] += arrivals
        except LeaveAlone:
            pass
        self._token, self.state.last_time = None, self.env.now

    def _prune(self) -> None:
        found = [(each.name, each.size) for each in self.queue]
        over = len(list(segment.over_the_caps(found, self.env.now)))
        self.server.lost[self.kind] += sum(each.events for each in self.queue[:over])
        del self.queue[:over]
