"""What this process has used so far of the machine."""

import resource
import sys


def note(path: str) -> None:
    """Append to a file, as a line: its seconds of processor time, and its peak of memory, bytes."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    unit = 1 if sys.platform == "darwin" else 1024
    with open(path, "a") as file:
        print(used.ru_utime + used.ru_stime, used.ru_maxrss * unit, file=file)
