"""What it takes to deliver a backlog, beside the raw PostHog SDK with as many events at once."""

from __future__ import annotations

import json

from benchmarks import ground, timing, waiting
from benchmarks.programs import usage
from benchmarks.ratio import ratio
from benchmarks.results import Bound, Part, figures

OURS, SDK = "the deliverer", "the raw SDK"


def measure(events: int = 20_000, runs: int = 7) -> Part:
    """Run whole processes, in turns, to a receiver in another.

    Nobody waits for a deliverer, so what counts is what it takes from others: processor and memory.
    """
    with ground.receiver() as url, ground.user(url) as user:
        environ, notes = ground.environ(user.home), {name: user.home / name for name in (OURS, SDK)}
        sent = (url, str(events), json.dumps(waiting.PROPERTIES))
        timing.processes(
            {
                OURS: ground.program("deliver", notes[OURS], str(events), environ=environ),
                SDK: ground.program("sdk_backlog", notes[SDK], *sent, environ=environ),
            },
            runs=runs,
            before=lambda name: waiting.fill(user, url, 250, events) if name == OURS else None,
        )
        used = {name: usage.read(str(path)) for name, path in notes.items()}
    processor = {name: seconds for name, (seconds, _) in used.items()}
    memory = {name: peaks for name, (_, peaks) in used.items()}
    return Part(
        f"A backlog of {events:,} events",
        bounds=(
            Bound(
                "the deliverer's processor time, to the SDK's",
                ratio(processor, OURS, SDK),
                0.6,
                "What it sends is JSON already, in whole segments, and one thread sends it.",
            ),
            Bound(
                "the deliverer's peak of memory, to the SDK's",
                ratio(memory, OURS, SDK),
                1.2,
                "It holds one request at a time; nearly all of both is the SDK that both load.",
            ),
        ),
        figures=figures(processor) + figures(memory, "B"),
    )
