"""Record docs/sample-analytics.jsonl: the logs of real sessions, put on the days that they are of.

Sessions of aider on a terminal, with a model's end on this machine in place of a provider: a user
asks, has files edited, uses commands, meets failures, and a bug. They are run one after another;
then the times of each session are moved to its day. Nothing else is changed. Needs the extra
``aider``; ``make sample`` runs it.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

from tools.coding_sessions import FILE, TEXT, CodingSessions
from tools.model_end import Answer, ModelEnd
from tools.user import Terminal, User

SAMPLE = Path(__file__).parents[1] / "docs" / "sample-analytics.jsonl"
DIFF = f"""
{FILE}
```python
<<<<<<< SEARCH
{TEXT}=======
{TEXT}{TEXT}>>>>>>> REPLACE
```
"""
WHOLE = f"\n{FILE}\n```\n# Three times.\n{TEXT * 3}```\n"


class Step(NamedTuple):
    """A line that the user types, and what the model's end answers to it."""

    line: str
    answers: tuple[Answer, ...] = ()


def ask(line: str, tokens: int, answer: str = "It adds.") -> Step:
    """A question."""
    return Step(line, (Answer(answer, prompt_tokens=tokens, completion_tokens=tokens // 20),))


def edit(line: str, tokens: int, answer: str = DIFF) -> Step:
    """A wish for a change, which is made and committed; the weak model writes the message."""
    change = Answer(answer, prompt_tokens=tokens, completion_tokens=tokens // 9)
    return Step(line, (change, Answer("feat: more", prompt_tokens=310, completion_tokens=9)))


def fail(line: str, status: int) -> Step:
    """A wish that the model's end refuses."""
    return Step(line, (Answer(status=status),))


EXIT = "/exit"
END_OF_INPUT = "\x04"
CRASH = """import sys
import aider.repo
def broken(*_): raise KeyError("a bug")
aider.repo.GitRepo.get_tracked_files = broken
from cecli.main import main
sys.exit(main())
"""
"""A session of an aider that has a bug."""


class Session(NamedTuple):
    """One session: when, with which options, what is done, and how it ends."""

    day: str
    options: tuple[str, ...]
    steps: tuple[Step, ...]
    end: str = EXIT


SESSIONS = (
    Session(
        "2026-11-16 09:12",
        ("--analytics", "--model", "gpt-4o"),
        (
            ask("What is it?", 2104),
            edit("Make it more.", 3391),
            Step("/tokens"),
            Step("/diff"),
            fail("Go on.", 401),
        ),
    ),
    Session(
        "2026-11-16 15:40",
        ("--model", "gpt-4o"),
        (edit("Make it more.", 4120), Step("/undo"), edit("Make it more.", 4377), Step("/ls")),
    ),
    Session(
        "2026-11-17 10:03",
        ("--model", "gpt-4o-mini", "--edit-format", "whole"),
        (ask("What is it?", 1850), edit("Thrice.", 2690, WHOLE), Step("/tokens")),
        END_OF_INPUT,
    ),
    Session(
        "2026-11-18 11:25",
        ("--model", "gpt-4.1"),
        (
            ask("What is it?", 9870),
            edit("Make it more.", 12_400),
            Step("/drop"),
            Step(f"/add {FILE}"),
            edit("Make it more.", 15_020),
            fail("Go on.", 400),
            Step("/clear"),
        ),
    ),
    Session(
        "2026-11-18 17:58",
        ("--model", "gpt-4o-mini"),
        (ask("What is it?", 2210), ask("And why?", 2480), fail("Go on.", 404)),
    ),
    Session(
        "2026-11-19 08:47",
        ("--model", "gpt-4.1"),
        (edit("Make it more.", 18_300), Step("/diff"), Step("/undo"), Step("/tokens")),
        END_OF_INPUT,
    ),
    Session(
        "2026-11-20 13:30",
        ("--model", "gpt-4o"),
        (
            Step("/ask What is it?", ask("", 3020).answers),
            edit("Make it more.", 5210),
            edit("Make it more.", 6480),
            Step("/tokens"),
            fail("Go on.", 401),
        ),
    ),
    Session("2026-11-20 16:05", ("--model", "gpt-4.1"), (), CRASH),
)


def main() -> int:
    """Write the sample; return the exit code."""
    for name in ("CI", "DO_NOT_TRACK"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory() as base, ModelEnd() as end:
        sessions = CodingSessions(User(Path(base)), end, Path(base))
        lines: list[str] = []
        with sessions.receiver:
            for session in SESSIONS:
                sessions.log = Path(base) / f"{len(lines)}.jsonl"
                run(session, sessions, end)
                lines += moved(sessions.log, session.day)
    SAMPLE.write_text("".join(lines), encoding="utf-8")
    print(f"{SAMPLE.name}: {len(lines)} events of {len(SESSIONS)} sessions")
    return 0


def run(session: Session, sessions: CodingSessions, end: ModelEnd) -> None:
    """Run a session to its end."""
    if session.end == CRASH:
        crash(session, sessions)
        return
    terminal = sessions.terminal(*session.options, FILE)
    if "--analytics" in session.options:
        terminal.wait_for("[Yes]: ")
        terminal.type("yes\n")
    for number, step in enumerate(session.steps, 1):
        terminal.wait_for("\n> ", number)
        end.answers += step.answers
        terminal.type(step.line + "\n")
    terminal.wait_for("\n> ", len(session.steps) + 1)
    terminal.type(session.end if session.end == END_OF_INPUT else session.end + "\n")
    terminal.finish()
    assert not end.answers, f"{session}: not asked for {end.answers}"


def crash(session: Session, sessions: CodingSessions) -> None:
    """Run a session that crashes as it begins."""
    terminal = Terminal(
        *("-c", CRASH, "--analytics-log", str(sessions.log)),
        *(*session.options, FILE),
        cwd=sessions.user.root,
        env=sessions.environ(),
    )
    terminal.wait_for("(Y/n)")  # whether to tell aider's authors
    terminal.type("n\n")
    assert terminal.finish() == 1


def moved(log: Path, day: str) -> list[str]:
    """Return the lines of a log with their times moved, so that the first is of that day."""
    events = [json.loads(line) for line in log.read_text().splitlines()]
    start = datetime.fromisoformat(day).replace(tzinfo=timezone.utc).timestamp()
    by = start - events[0]["time"]
    for each in events:
        each["time"] = round(each["time"] + by, 3)
    return [json.dumps(each, separators=(",", ":")) + "\n" for each in events]


if __name__ == "__main__":
    sys.exit(main())
