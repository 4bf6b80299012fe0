"""What it takes to record and deliver many events at once, beside the raw PostHog SDK."""

from __future__ import annotations

import json

from benchmarks import ground, timing
from benchmarks.programs import usage
from benchmarks.ratio import ratio
from benchmarks.recorder import MESSAGE
from benchmarks.results import Bound, Part, figures

OURS, SDK = "cecli", "the raw SDK"


def measure(events: int = 20_000, runs: int = 9) -> Part:
    """Run whole processes, in turns, to a receiver in another.

    Each records the events first and then sends them. Nobody waits for a deliverer, so what counts
    is what it all takes from others: processor and memory.
    """
    with ground.receiver() as url, ground.user(url) as user:
        environ, notes = ground.environ(user.home), {name: user.home / name for name in (OURS, SDK)}
        ours, theirs = (notes[OURS], url, str(events)), (notes[SDK], url, str(events))
        timing.processes(
            {
                OURS: ground.program("backlog", *ours, environ=environ),
                SDK: ground.program("sdk_backlog", *theirs, json.dumps(MESSAGE), environ=environ),
            },
            runs=runs,
        )
        used = {name: usage.read(str(path)) for name, path in notes.items()}
    processor = {name: seconds for name, (seconds, _) in used.items()}
    memory = {name: peaks for name, (_, peaks) in used.items()}
    return Part(
        f"{events:,} events at once, recorded and delivered",
        bounds=(
            Bound(
                "the processor time of cecli, to the SDK's",
                ratio(processor, OURS, SDK),
                0.9,
                "To keep events in files, which outlive a kill, must cost no more than to keep them"
                " in memory; a tenth less, so that a step too much shows.",
            ),
            Bound(
                "the peak of memory of cecli, to the SDK's",
                ratio(memory, OURS, SDK),
                1.2,
                "It holds one request at a time; the SDK, which it loads, holds them all.",
            ),
        ),
        figures=figures(processor) + figures(memory, "B"),
    )
