"""The server of a fleet: it answers as a scenario says, and counts what comes.

What is counted is a sample's; :mod:`~benchmarks.fleet.fleet` makes a fleet's figures of it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import NamedTuple

from benchmarks.fleet.usage import Kind
from cecli.analytics.delivery.transport import Reply

ACCEPTS = Reply(200, b'{"status": "Ok"}')
BUSY = Reply(503, b"")


class Trouble(NamedTuple):
    """A time in which the server answers something else to everybody."""

    begin: float
    end: float
    reply: Reply = BUSY


class Arrival(NamedTuple):
    """The events of one segment that the server has accepted."""

    created: float
    time: float
    events: int


class Server:
    """Answers, and counts each kind of installation for itself."""

    def __init__(self, *troubles: Trouble, most: float = float("inf")) -> None:
        """Prepare.

        Args:
            troubles: when it doesn't accept.
            most: of one kind's requests, how many of the sample it takes in a second.
        """
        self._troubles, self._most = troubles, most
        self.requests: defaultdict[Kind, Counter[int]] = defaultdict(Counter)
        """How many came in each second."""
        self.processes: Counter[Kind] = Counter()
        """How many deliverers were started."""
        self.arrivals: defaultdict[Kind, list[Arrival]] = defaultdict(list)
        self.lost: Counter[Kind] = Counter()
        """How many events were dropped on a machine, over the limits of age and size."""

    def reply(self, kind: Kind, now: float) -> Reply:
        """Answer one request."""
        second = int(now)
        self.requests[kind][second] += 1
        if self.requests[kind][second] > self._most:
            return BUSY
        troubles = (each.reply for each in self._troubles if each.begin <= now < each.end)
        return next(troubles, ACCEPTS)
