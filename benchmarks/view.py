"""What summing up a long log costs, beside a bare loop of ``json.loads`` over the same file."""

from __future__ import annotations

from benchmarks import ground, timing
from benchmarks.ratio import ratio
from benchmarks.recorder import MESSAGE
from benchmarks.results import Bound, Part, figures
from cecli.analytics import ids
from cecli.analytics.catalogue.sanitiser import Sanitiser
from cecli.analytics.facts.environment import facts
from cecli.analytics.inspection.view.reading import LogFile
from cecli.analytics.inspection.view.summary import Summary
from cecli.analytics.program import CECLI
from cecli.sessions import aider_events

SESSIONS = 1_000
"""So many different ones; the log repeats them."""
SESSION = ("launched", "repo", "auto_commits", "cli session") + 3 * (
    *("message_send_starting", "message_send", "command_add", "message_send_starting"),
    *("message_send_exception", "command_tokens"),
) + ("command_exit", "exit")  # fmt: skip

BARE, VIEW = "a loop of json.loads", "cecli-analytics view"


def measure(events: int = 300_000, runs: int = 5) -> Part:
    """Time whole processes, in turns."""
    with ground.user() as user:
        path, environ = str(user.home / "log.jsonl"), ground.environ(user.home)
        write(path, events)
        times = timing.processes(
            {
                BARE: ground.program("json_lines", path, environ=environ),
                VIEW: ground.program("view", path, environ=environ),
            },
            runs=runs,
        )
        summary = Summary()
        summary.read(LogFile(path))
        assert summary.count == events, summary.count
    return Part(
        f"A log of {events:,} events, summed up",
        bounds=(
            Bound(
                "view, to a loop of json.loads over the same file",
                ratio(times, VIEW, BARE),
                2,
                "To read a line in doubt and count what is in it may cost as much as to parse it.",
            ),
        ),
        figures=figures(times),
    )


def write(path: str, events: int) -> None:
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
                properties = properties | {
                    "prompt_tokens": 37 * number % 9000,
                    "cost": number / 7000,
                }
            at = 1_795_000_000 + 60 * len(lines) + session / 1000
            made = sanitiser.sanitise(name, properties, time=at, uuid=ids.new())
            assert made.line, made.why_not
            lines.append(made.line)
    block = b"".join(lines)
    with open(path, "wb") as file:
        for _ in range(events // len(lines)):
            file.write(block)
        file.writelines(lines[: events % len(lines)])


PROPERTIES: dict[str, dict[str, object]] = {
    "launched": {"options": ["flag:model", "home:analytics", "variable:analytics-log"]},
    "cli session": {"edit_format": "diff", "main_model": "gpt-4o", "weak_model": "gpt-4o-mini"},
    "auto_commits": {"enabled": True},
    "message_send": MESSAGE | {"edit_format": "diff", "duration": 1.25},
    "message_send_exception": {"exception": TimeoutError()},
    "exit": {"reason": "command"},
}
