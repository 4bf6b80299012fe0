"""What summing up a long log costs, beside a bare loop of ``json.loads`` over the same file."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time

from benchmarks import timing
from cecli.analytics import ids
from cecli.analytics.catalogue.sanitiser import Sanitiser
from cecli.analytics.facts.environment import facts
from cecli.analytics.inspection.view.reading import Source
from cecli.analytics.inspection.view.summary import Summary
from cecli.sessions import aider_events

EVENTS = 1_000_000
SESSIONS = 1_000
"""So many different ones; the log repeats them."""
SESSION = ("launched", "repo", "auto_commits", "cli session") + 3 * (
    *("message_send_starting", "message_send", "command_add", "message_send_starting"),
    *("message_send_exception", "command_tokens"),
) + ("command_exit", "exit")  # fmt: skip

BARE = "import json, sys\nfor line in open(sys.argv[1], encoding='utf-8'):\n    json.loads(line)\n"
VIEW = """import sys
from cecli.analytics.inspection import verbs
sys.exit(verbs.main(["view", sys.argv[1]]))
"""


def main() -> None:
    """Print the medians and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "log.jsonl")
        write(path)
        bare, view = "json.loads, a million lines", "view, a million events"
        times = timing.processes(
            {
                bare: [sys.executable, "-c", BARE, path],
                view: [sys.executable, "-c", VIEW, path],
            },
            runs=5,
        )
        summary = Summary()
        summary.read(Source(path))
        assert summary.count == EVENTS, summary.count
    timing.show("A log of a million events", times, unit="s", base=bare)
    timing.bound("view, to json.loads", timing.ratio(times, view, bare), 2)
    timing.finish()


def write(path: str) -> None:
    """Write a log of sessions as a recorder makes them, each at another time."""
    lines: list[bytes] = []
    start = time.time() - EVENTS
    for _ in range(SESSIONS):
        sanitiser = Sanitiser(aider_events.catalogue(), ids.new(), facts())
        for number, name in enumerate(SESSION):
            properties = dict(PROPERTIES.get(name, {}))
            if name == "message_send":
                properties |= {"prompt_tokens": 37 * len(lines) % 9000, "cost": len(lines) / 7000}
            line = sanitiser.line(name, properties, time=start + len(lines) + number / 1000)
            lines.append(line)
    block = b"".join(lines)
    with open(path, "wb") as file:
        for _ in range(EVENTS // len(lines)):
            file.write(block)
        file.writelines(lines[: EVENTS % len(lines)])


PROPERTIES: dict[str, dict[str, object]] = {}
