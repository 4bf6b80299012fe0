"""The verb ``view``: a log or a file of the spool in a readable form."""

from __future__ import annotations

import json
import sys

from cecli.analytics.inspection.user import moment, opened
from cecli.analytics.spool import segment
from cecli.messages import show

_LONGEST_LINE = 1_000_000


def run(path: str) -> int:
    """Show the file's lines, one after the other; return the exit code."""
    with opened(path, "rb") as file:
        number = 0
        while line := file.readline(_LONGEST_LINE):
            number += 1
            show(_readable(line, number), sys.stdout)
    return 0


def _readable(line: bytes, number: int) -> str:
    event = segment.read_event(line.rstrip(b"\n"))
    if event is None:
        header = segment.read_header(line) if number == 1 else None
        return f"to {ascii(header.target[0])[1:-1]}\n" if header else f"line {number}: no event\n"
    # ascii: a name may hold the end of a line, and letters that look like others.
    facts = [
        f"  {ascii(name)[1:-1]}: {json.dumps(value)}\n" for name, value in event.properties.items()
    ]
    return "".join([f"{moment(event.time)}  {ascii(event.event)[1:-1]}\n", *facts])
