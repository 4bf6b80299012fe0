"""What one deliverer costs the machine that it runs on: measured, with a real one.

Its queue has the events of one session, and its server is a receiver on loopback.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from cecli.analytics import ids
from cecli.analytics.delivery.start import GUARD, command, scrubbed
from cecli.analytics.destination import Destination
from cecli.analytics.inspection.receiver import Receiver
from cecli.analytics.spool.token import Token
from cecli.analytics.spool.writer import Writer
from tools.user import Home

SAMPLE = Path(__file__).parents[2] / "docs" / "sample-analytics.jsonl"


class Cost(NamedTuple):
    """What one deliverer takes."""

    cpu: float
    """Seconds."""
    memory: float
    """MB at its peak."""
    body: int
    """Bytes of its request's body."""


def measure(events: int = 12, runs: int = 9) -> Cost:
    """Return the medians of several deliverers, each of which delivers some events."""
    with Receiver() as receiver:
        costs = [_one(receiver, events) for _ in range(runs + 1)]
    cpu, memory, body = zip(*costs[1:], strict=True)  # the first one fills caches
    return Cost(median(cpu), median(memory), round(median(body)))


def _one(receiver: Receiver, events: int) -> Cost:
    with tempfile.TemporaryDirectory() as home:
        user, destination = Home(Path(home)), Destination(receiver.url, "phc_benchmark")
        _fill(user, user.agree(destination), destination, events)
        token = Token(user.paths.spool)
        assert token.take(None)
        environ = {**scrubbed(os.environ), "HOME": home, GUARD: token.nonce}
        child = subprocess.Popen(command(user.paths.program, attended=True), env=environ)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    assert (child.returncode, len(receiver.requests[-1].items)) == (0, events)
    unit = 1 if sys.platform == "darwin" else 1024
    body = int(receiver.requests[-1].headers["Content-Length"])
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 1e6, body)


def _fill(user: Home, user_id: str, destination: Destination, events: int) -> None:
    lines: Sequence[str] = SAMPLE.read_text(encoding="utf-8").splitlines()[:events]
    writer = Writer(user.paths.spool, destination)
    for line in lines:
        event: dict[str, Any] = json.loads(line)
        event.update(user_id=user_id, uuid=ids.new())
        writer.append(json.dumps(event).encode() + b"\n")
    writer.hand_over()
