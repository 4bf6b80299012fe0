"""What summing up a long log costs, beside a bare loop of ``json.loads`` over the same file."""

from __future__ import annotations

import os
import sys
import tempfile
from statistics import median

from benchmarks import timing
from benchmarks.events import MESSAGE
from cecli.analytics import ids
from cecli.analytics.catalogue.sanitiser import Sanitiser
from cecli.analytics.facts.environment import facts
from cecli.analytics.inspection.view.reading import LogFile
from cecli.analytics.inspection.view.summary import Summary
from cecli.analytics.program import CECLI
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
        summary.read(LogFile(path))
        assert summary.count == EVENTS, summary.count
    timing.show("A log of a million events", times, unit="s", base=bare)
    timing.bound("view, to json.loads", median(times[view]) / median(times[bare]), 2)
    timing.finish()


def write(path: str) -> None:
    """Write a log of sessions as a recorder makes them, message after message."""
    catalogue = aider_events.catalogue()
    catalogue.declare_options("model", "analytics", "analytics-log")
    lines: list[bytes] = []
    for session in range(SESSIONS):
        sanitiser = Sanitiser(catalogue, ids.new(), facts(CECLI))
        for name in SESSION:
            properties = PROPERTIES.get(name, {})
            if name == "message_send":
                number = len(lines)
                properties |= {"prompt_tokens": 37 * number % 9000, "cost": number / 7000}
            at = 1_795_000_000 + 60 * len(lines) + session / 1000
            made = sanitiser.sanitise(name, properties, time=at, uuid=ids.new())
            assert made.line, made.why_not
            lines.append(made.line)
    block = b"".join(lines)
    with open(path, "wb") as file:
        for _ in range(EVENTS // len(lines)):
            file.write(block)
        file.writelines(lines[: EVENTS % len(lines)])


PROPERTIES: dict[str, dict[str, object]] = {
    "launched": {"options": ["flag:model", "home:analytics", "variable:analytics-log"]},
    "cli session": {"edit_format": "diff", "main_model": "gpt-4o", "weak_model": "gpt-4o-mini"},
    "auto_commits": {"enabled": True},
    "message_send": MESSAGE | {"edit_format": "diff", "duration": 1.25},
    "message_send_exception": {"exception": TimeoutError()},
    "exit": {"reason": "command"},
}


if __name__ == "__main__":
    main()
