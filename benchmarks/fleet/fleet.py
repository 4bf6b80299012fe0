"""A fleet: a sample of machines of each kind, run beside one server, and its figures.

Machines don't know of each other, and the server's answers don't depend on how many ask. So sums
and rates grow with the number of machines, and a sample tells them; what shrinks is chance. The
figures here are those of one installation that sends; times their number they are the fleet's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from random import Random

from simpy import Environment

from benchmarks.fleet import usage
from benchmarks.fleet.machine import Machine
from benchmarks.fleet.server import Server, Trouble
from benchmarks.fleet.usage import DAY, KINDS, Kind

HALF_HOUR = 1800
"""Seconds over which requests are averaged: a sample has few of them in each second."""


class Fleet:
    """What came of some days of a fleet."""

    def __init__(
        self,
        *troubles: Trouble,
        days: int = 1,
        begin: float = 0,
        end: float = float("inf"),
        factor: float = 1,
        kinds: Iterable[Kind] = KINDS,
        most: float = float("inf"),
        seed: str = "a fleet on paper",
    ) -> None:
        """Simulate.

        Args:
            troubles: when the server doesn't accept.
            days: how many.
            begin: what is handed over before is left out.
            end: when to stop, if that is before the last day ends.
            factor: by how much the sample is larger than usual.
            kinds: of installations.
            most: how many requests of one kind of the sample the server takes in a second.
            seed: makes chance the same each time.
        """
        self.days, self.server = days, Server(*troubles, most=most)
        self.machines: list[Machine] = []
        """Those that have something to hand over."""
        self._weights: dict[Kind, float] = {}
        env = Environment()
        for kind in kinds:
            number = max(1, round(kind.number(days) * factor))
            self._weights[kind] = kind.share / number
            for index in range(number):
                # One chance for what is done, one for its delivery: neither a rule nor a trouble
                # changes the sessions.
                life = Random(f"{seed} {kind.name} {index} 0")
                zone = life.choices(list(usage.ZONES), list(usage.ZONES.values()))[0]
                given = [
                    each
                    for number in range(days)
                    for each in usage.day(kind, zone, number * DAY, life)
                    if each.time >= begin
                ]
                if given:
                    chance = Random(f"{seed} {kind.name} {index} 1")
                    self.machines.append(Machine(env, kind, self.server, chance))
                    env.process(self.machines[-1].live(sorted(given)))
        env.run(until=min(days * DAY, end))

    def requests(self, kind: Kind | None = None) -> float:
        """Return how many requests came; of one machine of a kind, if that is given."""
        return self._sum(lambda kind: sum(self.server.requests[kind].values()), kind)

    def requests_between(self, begin: float, end: float) -> float:
        """Return how many requests came in a time."""
        return self._sum(
            lambda kind: sum(
                count
                for second, count in self.server.requests[kind].items()
                if begin <= second < end
            )
        )

    def processes(self, kind: Kind | None = None) -> float:
        """Return how many deliverers were started; of one machine of a kind, if that is given."""
        return self._sum(lambda kind: self.server.processes[kind], kind)

    def events(self, kind: Kind | None = None) -> float:
        """Return how many events were accepted; of one machine of a kind, if that is given."""
        arrivals = self.server.arrivals
        return self._sum(lambda kind: sum(each.events for each in arrivals[kind]), kind)

    def bytes(self) -> float:
        """Return how many bytes went over the network."""
        requests = self.requests() * (usage.BODY_BYTES + usage.ENVELOPE_BYTES)
        return requests + self.events() * usage.BODY_EVENT_BYTES

    def lost(self) -> float:
        """Return the share of the events that were dropped over the limits of age and size."""
        lost = self._sum(lambda kind: self.server.lost[kind])
        return lost / (lost + self.events() + self._waiting(0, float("inf")))

    def accepted(self, begin: float, end: float, by: float) -> float:
        """Return the share of the events from *begin* to *end* that were accepted by a time."""

        def count(by: float) -> float:
            return self._sum(
                lambda kind: sum(
                    each.events
                    for each in self.server.arrivals[kind]
                    if begin <= each.created < end and each.time <= by
                )
            )

        return count(by) / (count(float("inf")) + self._waiting(begin, end))

    def rates(
        self, begin: float = 0, smooth: int = HALF_HOUR, *, kinds: Iterable[Kind] = ()
    ) -> Counter[int]:
        """Return the requests a second from *begin* on, averaged over so many seconds each.

        Args:
            begin: seconds since the first midnight.
            smooth: how many seconds.
            kinds: whose requests; everybody's, if none is given.
        """
        found: Counter[int] = Counter()
        for kind in kinds or self._weights:
            weight = self._weights[kind]
            for second, count in self.server.requests[kind].items():
                if second >= begin:
                    rate = weight * count / smooth
                    found[second // smooth * smooth] += rate  # type: ignore[assignment]
        return found

    def peak(self, begin: float = 0, smooth: int = HALF_HOUR) -> float:
        """Return the highest of :meth:`rates`: the mean of the highest half hour, or other span."""
        return max(self.rates(begin, smooth).values())

    def _waiting(self, begin: float, end: float) -> float:
        waiting: Counter[Kind] = Counter()
        for machine in self.machines:
            waiting[machine.kind] += sum(
                each.events for each in machine.queue if begin <= each.name.created < end
            )
        return self._sum(lambda kind: waiting[kind])

    def _sum(self, count: Callable[[Kind], float], kind: Kind | None = None) -> float:
        if kind:
            return self._weights[kind] / kind.share * count(kind)
        return sum(weight * count(kind) for kind, weight in self._weights.items())
