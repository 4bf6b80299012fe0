"""What is asked of the fleet: each scenario once, and its figures.

A rate stands beside the ordinary peak, the mean rate of an ordinary day's highest half hour.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from types import ModuleType
from typing import NamedTuple

from benchmarks.fleet.fleet import HALF_HOUR, Fleet
from benchmarks.fleet.server import Trouble
from benchmarks.fleet.usage import DAY, HOUR, KINDS, MINUTE
from cecli.analytics.delivery import detached
from cecli.analytics.delivery.transport import Reply
from cecli.analytics.spool import segment

PEOPLE, CLOCK = KINDS[:-1], KINDS[-1]
MANY_CLOCKS = CLOCK._replace(sample=20_000)
"""333 requests in each of 60 seconds: by chance alone the highest is an eighth above their mean."""
MANY_PEOPLE = (KINDS[0]._replace(sample=3000), *KINDS[1:])
"""For single minutes: more of those who make five requests in six."""
MOST = 10
"""How many times the ordinary peak a server takes that isn't made for midnights."""
RETURNED_AFTER = (HOUR, 4 * HOUR, DAY, 2 * DAY)


class Return(NamedTuple):
    """What came of a time in which the server accepted nothing."""

    what: str
    peak: float
    """The highest half hour after it, in ordinary peaks."""
    first: float
    """The highest minute of the first half hour after it, to the highest minute that the same
    sessions make in that half hour where the server hadn't failed."""
    requests: float
    """Those during it, to those in the same hours of ordinary days."""
    accepted: list[float]
    """The share of its events that were accepted so long after it."""
    lost: float
    """The share of all events that were dropped, over the limits of age and size."""


class Midnight(NamedTuple):
    """What came of a session that ends everywhere at midnight."""

    what: str
    peak: float
    """The highest second, in ordinary peaks."""
    seconds: int
    """How many seconds were above the ordinary peak."""
    accepted: float
    """The share of the events that arrives where the server takes :data:`MOST` ordinary peaks."""


@contextmanager
def rule(module: ModuleType, name: str, value: object) -> Iterator[None]:
    """Let a rule's number be another one, to see what it does."""
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)


def ordinary(factor: float = 1) -> Fleet:
    """Simulate an ordinary working day."""
    return Fleet(factor=factor)


def outage(what: str, trouble: Trouble, days: int, beside: Fleet, *, factor: float = 1) -> Return:
    """Simulate a trouble and what comes after it, to the end of a number of days."""
    fleet = Fleet(trouble, days=days, factor=factor)
    days_long, rest = divmod(trouble.end - trouble.begin, DAY)
    meant = beside.requests() * days_long
    meant += beside.requests_between(trouble.begin, trouble.begin + rest)
    return Return(
        what,
        fleet.peak(trouble.end) / beside.peak(),
        first_minutes(trouble, factor),
        fleet.requests_between(trouble.begin, trouble.end) / meant,
        [
            fleet.accepted(trouble.begin, trouble.end, trouble.end + after)
            for after in RETURNED_AFTER
        ],
        fleet.lost(),
    )


def first_minutes(trouble: Trouble, factor: float = 1) -> float:
    """Return :attr:`Return.first`: both are of one sample, so that chance is the same in both."""
    end = trouble.end + HALF_HOUR

    def fleet(*troubles: Trouble, begin: float) -> Fleet:
        days = ceil(end / DAY)
        return Fleet(*troubles, days=days, begin=begin, end=end, kinds=MANY_PEOPLE, factor=factor)

    struck, spared = fleet(trouble, begin=trouble.begin), fleet(begin=trouble.end - HALF_HOUR)
    return struck.peak(trouble.end, MINUTE) / spared.peak(trouble.end, MINUTE)


def outages(beside: Fleet, factor: float = 1) -> list[Return]:
    """Simulate a server that is down, one that asks all to wait, and one whose quota is used up."""
    busy = Reply(429, b"", 3600)
    return [
        outage(what, trouble, days, beside, factor=factor * part)
        for what, trouble, days, part in (
            ("down for an hour", Trouble(14 * HOUR, 15 * HOUR), 3, 1),
            ("down for a day", Trouble(12 * HOUR, 36 * HOUR), 4, 1),
            ("429 for a day, `Retry-After: 3600`", Trouble(12 * HOUR, 36 * HOUR, busy), 4, 1),
            ("429 for a week", Trouble(0, 7 * DAY, Reply(429, b"")), 9, 0.5),
        )
    ]


def midnights(beside: Fleet, factor: float = 1) -> list[Midnight]:
    """Simulate it with the deliverers' pause, and without."""
    found = [midnight("as it is", beside, factor)]
    with rule(detached, "LONGEST_PAUSE", 0):
        found.append(midnight("if no deliverer paused", beside, factor))
    return found


def midnight(what: str, beside: Fleet, factor: float = 1) -> Midnight:
    """Simulate a day of sessions that a clock starts, beside an ordinary day of all others.

    Few requests of the others come in a second of the sample, so theirs are a half hour's mean.
    """
    clocks = Fleet(kinds=[MANY_CLOCKS], factor=factor)
    people = beside.rates(kinds=PEOPLE)[0]
    rates = [people + rate for rate in clocks.rates(smooth=1).values()]
    few = CLOCK._replace(sample=1000)
    most = MOST * beside.peak() / (few.share / few.sample)
    overloaded = Fleet(kinds=[few], days=6, most=most)
    return Midnight(
        what,
        max(rates) / beside.peak(),
        sum(rate > beside.peak() for rate in rates),
        overloaded.accepted(0, 4 * DAY, 6 * DAY),
    )


def open_for(seconds: int, factor: float = 1) -> Fleet:
    """Simulate an ordinary day with segments that are handed over after another time."""
    with rule(segment, "OPEN_SECONDS", seconds):
        return ordinary(factor)
