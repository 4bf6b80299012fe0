"""What one event costs, beside `capture` of the raw PostHog SDK, and beside the limit."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks import ground, timing
from benchmarks.ratio import ratio
from benchmarks.results import Bound, Part, figures, part_of
from benchmarks.timing import Turns

LIMIT = "the limit: one encoding and one write"
CAPTURE, AIDERS = "capture of the SDK", "aider's event(), with a log"
LOGGED, BOTH, OFF = "event(), to a log", "event(), to log and queue", "event(), off"


def measure(runs: int = 200) -> Part:
    """Time calls in one process, in turns; the SDK sends nothing meanwhile."""
    times = calls(ground.NEWEST, str(runs))
    to_sdk, to_limit = ratio(times, BOTH, CAPTURE), ratio(times, BOTH, LIMIT)
    return Part(
        "One event",
        bounds=(
            Bound(
                "event() to log and queue, to the SDK's capture",
                to_sdk,
                1 / 2,
                "Two files and a check of each value must still cost less than a list in memory.",
            ),
            Bound(
                "event() to log and queue, to the limit",
                to_limit,
                6,
                "Two writes, each after a look whether the file is still there, and one check of"
                " each value.",
            ),
            Bound(
                "event() while analytics is off, to the limit",
                ratio(times, OFF, LIMIT),
                0.2,
                "A call that does nothing must cost nothing that can be felt.",
            ),
        ),
        figures=figures(times),
        quoted=(
            f"`event()` takes {part_of(to_sdk)} the time of the SDK's `capture`, and"
            f" {part_of(to_limit)} that of one encoding and one write.",
        ),
    )


def calls(python: Path, *words: str) -> Turns:
    """Return the times of the calls in a Python; with ``aider`` also those of aider's class."""
    with ground.user() as user:
        ground.agree_to_aider(user.home)
        environ = ground.environ(user.home)
        printed = timing.run(ground.program("events", *words, python=python, environ=environ))
    found: Turns = json.loads(printed)
    return found
