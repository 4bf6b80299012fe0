"""Timing that survives a noisy machine: candidates take turns, and medians are compared."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from math import sqrt
from statistics import median, quantiles

Seconds = list[float]


def processes(
    commands: Mapping[str, Sequence[str]],
    *,
    runs: int,
    environ: Mapping[str, str] = os.environ,
    before: Callable[[str], None] = lambda name: None,
) -> dict[str, Seconds]:
    """Return the wall time of each command as a whole process, one run of each in turn.

    The first turn isn't counted: it fills caches and compiles. Each turn begins with another
    command, so that none always follows the same one.
    """
    times: dict[str, Seconds] = {name: [] for name in commands}
    environ = {k: v for k, v in environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    for run in range(runs + 1):
        names = list(commands)
        first = run % len(names)
        for name in names[first:] + names[:first]:
            before(name)
            start = time.perf_counter()
            subprocess.run(
                commands[name],
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=True,
            )
            if run:
                times[name].append(time.perf_counter() - start)
    return times


def calls(
    functions: Mapping[str, Callable[[], object]], *, runs: int, each: int
) -> dict[str, Seconds]:
    """Return the time of one call of each function, from *runs* batches of *each* calls in turn."""
    times: dict[str, Seconds] = {name: [] for name in functions}
    for run in range(runs + 1):
        for name, function in functions.items():
            gc.collect()  # so that nobody pays for what another has left behind
            start = time.perf_counter()
            for _ in range(each):
                function()
            if run:
                times[name].append((time.perf_counter() - start) / each)
    return times


def show(title: str, times: Mapping[str, Seconds], *, unit: str, base: str) -> None:
    """Print the median of each and its ratio to *base*."""
    scale = {"ms": 1e3, "µs": 1e6, "s": 1.0}[unit]
    print(f"\n{title} (Python {sys.version.split()[0]}, medians of {len(times[base])})")
    for name, seconds in times.items():
        ratio = median(seconds) / median(times[base])
        print(f"  {name:42} {median(seconds) * scale:9.2f} {unit}   x {ratio:.2f}")


def noise(times: Mapping[str, Seconds], one: str, other: str) -> float:
    """Return how far, in seconds, the median of the differences may be off by chance.

    Two standard errors of a median, taken from the differences' quartiles (for a normal
    distribution, a quartile is 0.6745 standard deviations from the median).
    """
    differences = [a - b for a, b in zip(times[one], times[other], strict=True)]
    low, _, high = quantiles(differences, n=4)
    deviation = (high - low) / (2 * 0.6745)
    return 2 * 1.2533 * deviation / sqrt(len(differences))


def difference(times: Mapping[str, Seconds], one: str, other: str) -> float:
    """Return the median of the differences, in seconds, of the runs that stood side by side."""
    return median(a - b for a, b in zip(times[one], times[other], strict=True))


_missed: list[str] = []


def bound(what: str, found: float, most: float, unit: str = "") -> None:
    """Print a figure beside the most that it may be."""
    kept = "kept" if found <= most else "MISSED"
    print(f"  {what:42} {found:9.3f} {unit:2}  at most {most:g}: {kept}")
    if found > most:
        _missed.append(what)


def finish() -> None:
    """End the program, with 1 if a bound was missed, without waiting for threads."""
    sys.stdout.flush()
    os._exit(1 if _missed else 0)
