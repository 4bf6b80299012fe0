"""What a session costs when many run at once, beside as many sessions that are off."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from functools import partial

from benchmarks import ground, timing
from benchmarks.ratio import ratio
from benchmarks.results import Bound, Part, growth
from benchmarks.timing import Candidate, Turns

SIZES = {1: 15, 30: 9, 200: 5}
"""How many at once, and how many turns."""
OFF, ON = "a session that is off", "a session of ten events"


def measure(sizes: Mapping[int, int] = SIZES) -> Part:
    """Start so many processes and wait for all, in turns; a server answers their deliverers."""
    with ground.receiver() as url, ground.user(url) as user:
        environ, host = ground.environ(user.home), f"{ground.HOST}={url}"
        sessions = {
            OFF: ground.program("ours", host, "--no-analytics", environ=environ),
            ON: ground.program("ours", host, environ=environ),
        }
        found = {
            size: timing.turns(
                {name: partial(_crowd, session, size) for name, session in sessions.items()},
                runs=runs,
                before=lambda _: ground.ready(user),
            )
            for size, runs in sizes.items()
        }
    each = {size: _each(times, size) for size, times in found.items()}
    return Part(
        "Sessions at once",
        bounds=tuple(
            Bound(
                f"{ON}, to {OFF}, {size} at once",
                ratio(each[size], ON, OFF),
                1.6,
                "They share no lock; what they share is the processor, with one deliverer too.",
            )
            for size in sizes
        ),
        growth=tuple(
            growth(f"{name}, each", {f"{size} at once": each[size][name] for size in sizes})
            for name in sessions
        ),
    )


def _crowd(session: Candidate, size: int) -> None:
    crowd = [
        subprocess.Popen(session.command, env=dict(session.environ), stdin=subprocess.DEVNULL)
        for _ in range(size)
    ]
    codes = {each.wait() for each in crowd}
    assert codes == {0}, codes


def _each(times: Turns, size: int) -> Turns:
    return {name: [seconds / size for seconds in found] for name, found in times.items()}
