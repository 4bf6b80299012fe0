"""What one deliverer costs the machine that it runs on: measured, with a real one.

Its queue has the events of one session, and its server is a receiver on loopback.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from benchmarks.fleet.usage import SAMPLE
from cecli.analytics import ids
from cecli.analytics.delivery.start import GUARD, command, scrubbed
from cecli.analytics.destination import Destination
from cecli.analytics.inspection.receiver import Receiver
from cecli.analytics.spool.token import Token
from cecli.analytics.spool.writer import Writer
from tools.user import Home

FEW, MANY = 12, 84
"""Events of one delivery; what a body grows by from one to the other is what an event adds."""


class Cost(NamedTuple):
    """What one deliverer takes."""

    cpu: float
    """Seconds."""
    wall: float
    """Seconds from its start to its end."""
    memory: float
    """MB at its peak."""
    body: int
    """Bytes of its request's body, packed."""
    events: int


def measure(events: int = FEW, runs: int = 9) -> Cost:
    """Return the medians of several deliverers, each of which delivers some events."""
    with Receiver() as receiver:
        costs = [_one(receiver, events) for _ in range(runs + 1)]
    cpu, wall, memory, body, _ = zip(*costs[1:], strict=True)  # the first one fills caches
    return Cost(median(cpu), median(wall), median(memory), round(median(body)), events)


def told(few: Cost, many: Cost) -> str:
    """Say what two deliveries took, and what of a body each event adds.

    >>> print(told(Cost(0.2, 0.5, 40.3, 1100, 12), Cost(0.25, 0.51, 41.1, 4700, 84)))
    12 events: 0.20 s of CPU, 0.5 s from start to end, 40 MB, a body of 1,100 bytes
    84 events: 0.25 s of CPU, 0.5 s from start to end, 41 MB, a body of 4,700 bytes
    a body: 500 bytes, and 50 for each event
    """
    lines = [
        f"{each.events} events: {each.cpu:.2f} s of CPU, {each.wall:.1f} s from start to end, "
        f"{each.memory:.0f} MB, a body of {each.body:,} bytes"
        for each in (few, many)
    ]
    added = (many.body - few.body) / (many.events - few.events)
    start = few.body - added * few.events
    return "\n".join([*lines, f"a body: {start:.0f} bytes, and {added:.0f} for each event"])


def _one(receiver: Receiver, events: int) -> Cost:
    with tempfile.TemporaryDirectory() as home:
        user, destination = Home(Path(home)), Destination(receiver.url, "phc_benchmark")
        fill(user, user.agree(destination), destination, events)
        token = Token(user.paths.spool)
        assert token.take(None)
        environ = {**scrubbed(os.environ), "HOME": home, GUARD: token.nonce}
        begin = time.monotonic()
        child = subprocess.Popen(command(user.paths.program, attended=True), env=environ)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - begin
        child.returncode = os.waitstatus_to_exitcode(status)
    assert (child.returncode, len(receiver.requests[-1].items)) == (0, events)
    unit = 1 if sys.platform == "darwin" else 1024
    body = int(receiver.requests[-1].headers["Content-Length"])
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * unit / 1e6, body, events)


def fill(user: Home, user_id: str, destination: Destination, events: int) -> None:
    """Let the first events of the sample wait, each line as a session writes it."""
    writer = Writer(user.paths.spool, destination)
    for line in SAMPLE.read_text(encoding="utf-8").splitlines()[:events]:
        event: dict[str, Any] = json.loads(line)
        event.update(user_id=user_id, uuid=ids.new())
        writer.append(json.dumps(event, separators=(",", ":")).encode() + b"\n")
    writer.hand_over()
