"""What it costs to deliver a backlog, beside the raw PostHog SDK with as many events at once."""

from __future__ import annotations

import json

from benchmarks import ground, timing, waiting
from benchmarks.ratio import ratio
from benchmarks.results import Bound, Part, figures

OURS, SDK = "the deliverer", "the raw SDK"


def measure(events: int = 20_000, runs: int = 7) -> Part:
    """Time whole processes, in turns, to a receiver in another, and ask for their peaks."""
    with ground.receiver() as url, ground.user(url) as user:
        environ, peaks = ground.environ(user.home), {name: user.home / name for name in (OURS, SDK)}
        sent = (url, str(events), json.dumps(waiting.PROPERTIES))
        times = timing.processes(
            {
                OURS: ground.program("deliver", peaks[OURS], str(events), environ=environ),
                SDK: ground.program("sdk_backlog", peaks[SDK], *sent, environ=environ),
            },
            runs=runs,
            before=lambda name: (
                waiting.fill(user, url, events // 250, 250) if name == OURS else None
            ),
        )
        # The first turn doesn't count here either.
        memory = {
            name: list(map(float, path.read_text().split()[1:])) for name, path in peaks.items()
        }
    return Part(
        f"A backlog of {events:,} events",
        bounds=(
            Bound(
                "the deliverer's time, to the SDK's",
                ratio(times, OURS, SDK),
                1 / 2,
                "It sends whole segments that are JSON already, and makes no thread.",
            ),
            Bound(
                "the deliverer's peak of memory, to the SDK's",
                ratio(memory, OURS, SDK),
                2 / 3,
                "It holds one request at a time; most of the rest is the SDK that both load.",
            ),
        ),
        figures=figures(times) + figures(memory, "B"),
    )
