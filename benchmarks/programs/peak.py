"""The largest memory that this process has had."""

import resource
import sys


def note(path: str) -> None:
    """Append it to a file, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    with open(path, "a") as file:
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit, file=file)
