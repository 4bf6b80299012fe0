"""How a fleet is used: every assumption of the simulation, in one place.

Nobody has measured a fleet of cecli. No number here is a fact except where it says so; change one
and run the command again. Times are seconds; a day begins at midnight UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from math import log
from pathlib import Path
from random import Random
from typing import NamedTuple

from cecli.analytics.consent.decision import ASKED_PERCENT
from cecli.analytics.spool.segment import takes_more

MINUTE, HOUR, DAY = 60, 3600, 86_400

YES = 0.5
"""The share of those asked who agree."""
SENDING = ASKED_PERCENT / 100 * YES
"""The share of installations that send; how many are asked is cecli's own rule."""

ZONES = {-8: 0.15, -5: 0.20, 0: 0.10, 1: 0.20, 3: 0.05, 5.5: 0.15, 8: 0.15}
"""Hours that a clock is ahead of UTC, and the share of people who live by it."""
HOURS = (1, 0, 0, 0, 0, 0, 1, 2, 5, 9, 10, 9, 6, 8, 10, 10, 9, 7, 4, 3, 4, 4, 3, 2)
"""How often sessions begin in each hour of a working day, in proportion."""
_HOURS = tuple(accumulate(HOURS))

SESSION_MEDIAN, SESSION_SPREAD = 12 * MINUTE, 1.1
"""How long somebody's session lasts: log-normal, so that the mean is 22 minutes."""
MESSAGE_MEAN = 3 * MINUTE
"""Between two messages to a model."""
FIRST, PER_MESSAGE, LAST = 4, 2.3, 1
"""Events when a session begins, for each message (some come with a command), and at its end."""
LOOP_SECONDS = 15
"""From the end of one session of a loop to the end of the next."""
CLOCKS = 0.5
"""How far the clocks of machines are apart: the standard deviation."""

SAMPLE = Path(__file__).parents[2] / "docs" / "sample-analytics.jsonl"
"""The log of real sessions: an event is the same line in it and in the spool."""
EVENT_BYTES = round(SAMPLE.stat().st_size / len(SAMPLE.read_bytes().splitlines()))
"""A line in the spool: the mean of :data:`SAMPLE`."""
BODY_BYTES, BODY_EVENT_BYTES = 576, 42
"""A packed request, and what each event adds; ``--cost`` prints both."""
ENVELOPE_BYTES = 6_000
"""TLS's handshake, TCP's and HTTP's headers of one delivery, in both directions."""
START_MEDIAN, START_SPREAD = 0.5, 0.5
"""How long a deliverer takes to its first request: log-normal."""
REQUEST_SECONDS = 0.3
"""How long a request takes."""


CPU_SECONDS = 0.20
"""What a deliverer costs the machine on which this was written; ``--cost`` prints it."""


class Kind(NamedTuple):
    """A kind of installation among those that send."""

    name: str
    share: float
    sample: int
    """How many are simulated at least."""
    sessions: float
    """A day, on average; a loop counts as one."""
    loop: int = 1
    """Sessions one after the other, each time."""
    attended: bool = True
    """Whether a person sits at a terminal."""
    clockwork: bool = False
    """Whether a clock starts the session, at midnight UTC, everywhere at once."""

    def number(self, days: int) -> int:
        """Return how many are simulated for some days: more of those that are used seldom."""
        return max(self.sample, round(SESSIONS / (self.sessions * self.loop * days)))


SESSIONS = 2000
"""How many of each kind are simulated at least; fewer, and the kind's row is chance."""
KINDS = (
    Kind("every day", 0.33, 1500, 3),
    Kind("once a week", 0.43, 1500, 1 / 5),
    Kind("once a month", 0.22, 1500, 1 / 22),
    Kind("a script: a loop of sessions", 0.01, 400, 1, loop=60, attended=False),
    Kind("a clock: a session at midnight", 0.01, 500, 1, attended=False, clockwork=True),
)


class HandOver(NamedTuple):
    """A segment that a session lets deliverers have."""

    time: float
    created: float
    events: int


def day(kind: Kind, zone: float, midnight: float, chance: Random) -> list[HandOver]:
    """Return what one installation hands over in the sessions that begin on one working day.

    Args:
        kind: the installation's.
        zone: hours that its clock is ahead of UTC.
        midnight: when the day begins, in UTC.
        chance: the installation's own.
    """
    if kind.clockwork:
        end = midnight + abs(chance.gauss(0, CLOCKS))
        return [HandOver(end, end - LOOP_SECONDS, FIRST + round(PER_MESSAGE) + LAST)]
    found: list[HandOver] = []
    for _ in range(_about(kind.sessions, chance)):
        hour = chance.choices(range(24), cum_weights=_HOURS)[0] - zone
        begin = midnight + (hour + chance.random()) * HOUR % DAY
        if kind.loop > 1:
            events = FIRST + round(PER_MESSAGE) + LAST
            ends = (begin + LOOP_SECONDS * number for number in range(1, kind.loop + 1))
            found += [HandOver(end, end - LOOP_SECONDS, events) for end in ends]
        else:
            found += session(begin, chance)
    return sorted(found)


def session(begin: float, chance: Random) -> Iterator[HandOver]:
    """Yield what one person's session hands over: as segments grow old or full, and at its end."""
    end = begin + chance.lognormvariate(log(SESSION_MEDIAN), SESSION_SPREAD)
    created, events = begin, FIRST
    now = begin + chance.expovariate(1 / MESSAGE_MEAN)
    while now < end:
        if not takes_more(events * EVENT_BYTES, events, now - created):
            yield HandOver(now, created, events)
            created, events = now, 0
        events += _about(PER_MESSAGE, chance)
        now += chance.expovariate(1 / MESSAGE_MEAN)
    yield HandOver(end, created, events + LAST)


def _about(mean: float, chance: Random) -> int:
    """Return a whole number whose mean is *mean*: the one below or the one above."""
    return int(mean) + (chance.random() < mean % 1)
