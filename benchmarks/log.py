"""What a session, an event and the status cost with a log of 1 kB and with one of 10 GB."""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks import ground, recorder, timing
from benchmarks.ratio import ratio
from benchmarks.results import Bound, Part, growth

SIZES = {"1 kB": 1_000, "10 GB": 10_000_000_000}
SMALL, LARGE = SIZES


def measure(runs: int = 25) -> Part:
    """Time processes, and calls in this process, in turns.

    The logs grow by what is timed. A delivery knows of no log, so none is timed.
    """
    with ground.user() as user:
        logs = {size: user.home / f"{size}.jsonl" for size in SIZES}

        def renew(size: str) -> None:
            write(logs[size], SIZES[size])

        for size in SIZES:
            renew(size)
        environ = ground.environ(user.home)
        sessions = timing.processes(
            {
                size: ground.program(
                    "ours", "--no-analytics", f"--analytics-log={path}", environ=environ
                )
                for size, path in logs.items()
            },
            runs=runs,
            before=renew,
        )
        status = timing.processes(
            {
                size: ground.program("status", environ=environ | {"CECLI_ANALYTICS_LOG": str(path)})
                for size, path in logs.items()
            },
            runs=runs,
            before=renew,
        )
        recorders = {size: recorder.logging(str(path)) for size, path in logs.items()}
        events = timing.calls(
            {size: recorder.message(made) for size, made in recorders.items()}, runs=200, each=50
        )
    why = "A log is only appended to, and only its last byte is read."
    costs = {"a session of ten events": sessions, "one event": events}
    return Part(
        "A log that is long",
        bounds=tuple(
            Bound(
                f"{what}, with a log of {LARGE}, to {SMALL}", ratio(times, LARGE, SMALL), 1.1, why
            )
            for what, times in costs.items()
        ),
        growth=tuple(
            growth(what, times)
            for what, times in {**costs, "`cecli-analytics status`": status}.items()
        ),
    )


def write(path: Path, size: int) -> None:
    """Make a file of so many bytes that ends in a newline; what is before takes no space.

    Raises:
        OSError: the file system can't hold it.
    """
    with open(path, "wb") as file:
        file.truncate(size - 1)
        file.seek(0, os.SEEK_END)
        file.write(b"\n")
