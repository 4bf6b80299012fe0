"""Every example of docs/embedding.md, and the program in examples/, as their reader runs them."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.analytics.notes import SCRIPTS, NotesUser
from tools.check_examples import blocks
from tools.user import User

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")
EXAMPLES = {title: code for title, found in blocks(PAGE).items() for code in found}
EXPECTED = {
    "Three lines": ["launched"],
    "Your own name": ["launched"],
    "Commands and events of your own": ["command_add", "export", "export"],
    "Features": ["search", "import", "import"],
    "Crash reports": [],
    "Messages to models": ["message_send"],
    "Testing your program": None,
    "With click": ["command_add"],
    "With typer": ["command_add"],
}
"""The events that each example logs; None where it is a test."""
NEEDS = {"Messages to models": "litellm"}


def run(
    user: User, program: list[str], *argv: str, code: int = 0
) -> tuple[str, list[dict[str, Any]]]:
    """Run a program with a log; return its output and what it logged."""
    log = user.home / "log.jsonl"
    variables = {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    command = [sys.executable, *program, "--analytics-log", str(log), *argv]
    ended = user.run(*command, variables=variables)
    assert ended.returncode == code, ended.stdout + ended.stderr
    lines = log.read_text().splitlines() if log.exists() else []
    return ended.stdout, [json.loads(line) for line in lines]


def test_every_example_is_known_here() -> None:
    assert set(EXAMPLES) == set(EXPECTED)
    assert PAGE.count("```python") == len(EXAMPLES)


@pytest.mark.parametrize(
    "title",
    [
        pytest.param(title, marks=[pytest.mark.litellm] if title in NEEDS else [])
        for title in EXPECTED
    ],
)
def test_an_example_does_what_the_page_says(user: User, title: str) -> None:
    if title in NEEDS and importlib.util.find_spec(NEEDS[title]) is None:
        pytest.skip(f"{NEEDS[title]} isn't installed; `make test-aider` has it")
    path = user.folder / "test_example.py"
    path.write_text(EXAMPLES[title])
    if EXPECTED[title] is None:
        program = ["-m", "pytest", "-q", "-p", "no:cacheprovider", str(path)]
        ended = user.run(sys.executable, *program)
        assert ended.returncode == 0, ended.stdout
        assert "2 passed" in ended.stdout
        return
    argv = ["add", "milk"] if title.startswith("With ") else []
    _, logged = run(user, [str(path)], *argv)
    assert [event["event"] for event in logged] == EXPECTED[title]
    if title == "Commands and events of your own":
        assert logged[1]["properties"]["notes"] == 12
        assert logged[2]["properties"]["format"] == "other"
        assert "notes" not in logged[2]["properties"]
    if title == "Features":
        assert {event["properties"]["outcome"] for event in logged} == {"completed"}


NOTES = [str(ROOT / "examples" / "notes" / "notes.py")]


def test_the_example_program_records_what_it_does_and_none_of_its_content(user: User) -> None:
    run(user, NOTES, "add", "buy Zanzibar milk")
    shown, _ = run(user, NOTES, "search", "Zanzibar", "--file", "notes.txt")
    assert shown == "buy Zanzibar milk\n"
    _, logged = run(user, NOTES, "show", "--file", "nowhere-Zanzibar.txt", code=1)
    assert [event["event"] for event in logged] == [
        *("launched", "command_add", "exit"),
        *("launched", "search", "exit"),
        *("launched", "command_show", "exit"),
    ]
    assert logged[3]["properties"]["options"] == ["flag:analytics-log", "flag:file"]
    assert "Zanzibar" not in json.dumps(logged)


def test_a_crash_of_the_example_program_is_recorded_and_shown(user: User) -> None:
    (user.folder / "notes.txt").write_bytes(b"\xff")
    log = user.home / "log.jsonl"
    _, logged = run(user, NOTES, "search", "x", code=1)
    assert log.exists()
    assert [event["event"] for event in logged] == ["launched", "exit", "$exception"]
    assert logged[1]["properties"]["reason"] == "crash"


def test_the_packaging_of_the_example_program_has_its_own_inspection_command(
    tmp_path: Path,
) -> None:
    notes = NotesUser(tmp_path)
    assert set(SCRIPTS) == {"notes", "notes-analytics"}
    assert notes.run_notes("notes", "add", "buy milk").returncode == 0
    shown = notes.run_notes("notes-analytics", "events")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "| `command_add` |" in shown.stdout
    assert "~/.notes/" in notes.run_notes("notes-analytics", "status").stdout
