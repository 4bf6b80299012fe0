"""What it takes to deliver a backlog, beside the raw PostHog SDK with as many events at once."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks import ground, timing, waiting
from benchmarks.ratio import ratio
from benchmarks.results import Bound, Part, figures
from benchmarks.timing import Turns

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
            before=lambda name: (
                waiting.fill(user, url, events // 250, 250) if name == OURS else None
            ),
        )
        processor, memory = used(notes)
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


def used(notes: dict[str, Path]) -> tuple[Turns, Turns]:
    """Read what processes have noted: processor time and memory; the first turn doesn't count."""
    processor, memory = {}, {}
    for name, path in notes.items():
        lines = [line.split() for line in path.read_text().splitlines()[1:]]
        processor[name] = [float(seconds) for seconds, _ in lines]
        memory[name] = [float(peak) for _, peak in lines]
    return processor, memory
