"""What a process has used of the machine: noted by itself, read by who started it."""

import resource
import sys


def note(path: str) -> None:
    """Append to a file, as a line: its seconds of processor time, and its peak of memory, bytes."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    unit = 1 if sys.platform == "darwin" else 1024
    with open(path, "a") as file:
        print(used.ru_utime + used.ru_stime, used.ru_maxrss * unit, file=file)


def read(path: str) -> tuple[list[float], list[float]]:
    """Return the seconds and the bytes that were noted; the first turn doesn't count."""
    with open(path) as file:
        lines = [line.split() for line in file][1:]
    return [float(seconds) for seconds, _ in lines], [float(peak) for _, peak in lines]
