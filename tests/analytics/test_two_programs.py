"""Two programs of one user on one machine, cecli and notes, each in processes of its own."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cecli.analytics.consent.file import ConsentFile
from cecli.analytics.inspection.receiver import Receiver
from tests.analytics.notes import NotesUser
from tests.analytics.scene import KEY, hurry
from tests.support import WAIT, all_at_once
from tools.user import Home, Terminal, until

YES = "[Yes]: "


class Both:
    """A user of both, and what each has of them."""

    def __init__(self, notes: NotesUser, host: str) -> None:
        self.notes = notes
        self.cecli = Home(notes.home)
        self.notes.destination = self.notes.destination._replace(host=host)
        self.notes.destination_variables = {}
        self.variables = {
            f"{prefix}_ANALYTICS_POSTHOG_{what}": value
            for prefix in ("CECLI", "NOTES")
            for what, value in (("HOST", host), ("PROJECT_API_KEY", KEY))
        }

    def agree(self) -> tuple[str, str]:
        """Say yes to both; return the ids, cecli's first."""
        destination = self.notes.destination
        return self.cecli.agree(destination), self.notes.agree(destination)

    def run(self, name: str, *argv: str, variables: Mapping[str, str] | None = None) -> str:
        """Run a command of either; return all that it has shown."""
        variables = {**self.variables, **(variables or {})}
        if name.startswith("notes"):
            ended = self.notes.run_notes(name, *argv, variables=variables)
        else:
            ended = self.notes.run(name, *argv, variables=variables)
        return ended.stdout + ended.stderr

    def answer(self, name: str, keys: str) -> None:
        """Answer the question of either on a terminal."""
        if name == "notes":
            terminal = self.notes.terminal("show", "--analytics")
        else:
            environ = self.notes.process_environ()
            words = ["-m", "cecli.main", "--analytics"]
            terminal = Terminal(*words, cwd=self.notes.folder, env=environ)
        terminal.wait_for(f"to help improve {name}?")
        terminal.wait_for(YES)
        terminal.type(keys)
        terminal.finish()

    def files(self, program: str) -> dict[str, bytes]:
        """Return all files that a program has of this user."""
        folder = self.notes.home / f".{program}"
        files = (path for path in folder.rglob("*") if path.is_file())
        return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture
def both(notes: NotesUser, receiver: Receiver) -> Both:
    return Both(notes, receiver.url)


def record(home: Home) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(home.consent.read_text())
    return found


@pytest.mark.parametrize(("agreed", "refused"), [("cecli", "notes"), ("notes", "cecli")])
def test_a_yes_to_one_and_a_no_to_the_other_are_two_answers(
    both: Both, agreed: str, refused: str
) -> None:
    homes = {"cecli": both.cecli, "notes": both.notes}
    both.answer(agreed, "y\n")
    before = both.files(agreed)
    both.answer(refused, "n\n")
    assert both.files(agreed) == before
    assert record(homes[agreed])["destinations"] == {"https://app.posthog.com": True}
    assert record(homes[refused])["permanently_disable"] is True
    assert record(homes[refused])["uuid"] is None
    # Neither asks again, and neither takes the other's word.
    assert "agreed" in both.run(f"{agreed}-analytics", "status", variables={})
    assert "disabled" in both.run(f"{refused}-analytics", "status", variables={})


def test_a_yes_to_one_is_none_to_the_other_at_the_same_destination(both: Both) -> None:
    both.cecli.agree(both.notes.destination)
    assert "on: you agreed" in both.run("cecli")
    shown = both.run("notes", "show", "--analytics")
    assert "--analytics has no effect: you weren't asked" in shown
    assert not Path(both.notes.paths.spool).exists()


def test_the_ids_of_two_programs_have_nothing_in_common(both: Both) -> None:
    both.answer("cecli", "y\n")
    both.answer("notes", "y\n")
    one, other = record(both.cecli)["uuid"], record(both.notes)["uuid"]
    assert one != other
    assert one[:8] != other[:8]


@pytest.mark.parametrize(("disabled", "kept"), [("cecli", "notes"), ("notes", "cecli")])
def test_a_disable_of_one_leaves_all_of_the_other_as_it_was(
    both: Both, receiver: Receiver, disabled: str, kept: str
) -> None:
    both.agree()
    receiver.mode = "503"
    none_starts = {"CECLI_DELIVERER": "none starts"}
    both.run("cecli", variables=none_starts)
    both.run("notes", "add", "milk", variables=none_starts)
    before = both.files(kept)
    assert any(name.endswith(".ready") for name in before)
    assert "permanently disabled" in both.run(disabled, "--analytics-disable")
    assert both.files(kept) == before
    assert not any(name.endswith(".ready") for name in both.files(disabled))
    receiver.mode = "ok"
    both.run(f"{kept}-analytics", "deliver")
    assert {item["properties"]["program"] for item in receiver.items} == {kept}


@pytest.mark.parametrize("name", ["cecli", "notes"])
def test_the_variable_that_disables_one_says_nothing_of_the_other(both: Both, name: str) -> None:
    both.agree()
    variables = {f"{name.upper()}_ANALYTICS_DISABLE": "1", "CECLI_DELIVERER": "none starts"}
    both.run("cecli", variables=variables)
    both.run("notes", "show", variables=variables)
    disabled = {
        each: record(home)["permanently_disable"]
        for each, home in (("cecli", both.cecli), ("notes", both.notes))
    }
    assert disabled == {each: each == name for each in disabled}


def test_do_not_track_is_said_to_both(both: Both) -> None:
    both.agree()
    for words in (["cecli"], ["notes", "show", "--analytics"]):
        shown = both.run(*words, variables={"DO_NOT_TRACK": "1"})
        assert "DO_NOT_TRACK is set" in shown


def test_one_log_holds_the_events_of_both_and_tells_them_apart(both: Both, tmp_path: Path) -> None:
    ids = both.agree()
    log = tmp_path / "shared.jsonl"
    both.run("cecli", "--analytics-log", str(log))
    both.run("notes", "add", "milk", "--analytics-log", str(log))
    events = [json.loads(line) for line in log.read_text().splitlines()]
    assert {(event["properties"]["program"], event["user_id"]) for event in events} == set(
        zip(("cecli", "notes"), ids, strict=True)
    )
    assert [event["event"] for event in events] == [
        *("launched", "exit"),
        *("launched", "command_add", "exit"),
    ]


def test_the_deliverer_of_one_sends_nothing_of_the_other(both: Both, receiver: Receiver) -> None:
    both.agree()
    none_starts = {"CECLI_DELIVERER": "none starts"}
    both.run("cecli", variables=none_starts)
    both.run("notes", "add", "milk", variables=none_starts)
    before = both.files("cecli")
    assert "sent 3 events" in both.run("notes-analytics", "deliver")
    assert both.files("cecli") == before
    assert {item["properties"]["program"] for item in receiver.items} == {"notes"}


SESSIONS = {
    "cecli": f"{WAIT}from cecli.main import main\nsys.exit(main())",
    "notes": f"{WAIT}sys.path.insert(0, {{folder!r}})\nimport notes\nsys.exit(notes.main())",
}


def test_thirty_sessions_of_both_at_once_deliver_each_event_once_with_its_own_id(
    both: Both, receiver: Receiver
) -> None:
    ids = dict(zip(("cecli", "notes"), both.agree(), strict=True))
    example = str(Path(__file__).parents[2] / "examples" / "notes")
    programs = []
    for number in range(30):
        log = ["--analytics-log", str(both.notes.home / f"session-{number}.jsonl")]
        if number % 2:
            programs.append(["-c", SESSIONS["cecli"], *log])
        else:
            code = SESSIONS["notes"].format(folder=example)
            programs.append(["-c", code, "add", "milk", *log])
    environ = both.notes.process_environ(both.variables)
    ended = all_at_once(programs, cwd=both.notes.folder, env=environ)
    assert [code for code, _ in ended] == [0] * 30, ended
    logged = [
        json.loads(line)
        for path in both.notes.home.glob("session-*.jsonl")
        for line in path.read_text().splitlines()
    ]
    assert len(logged) == 15 * 2 + 15 * 3
    for home in (both.cecli, both.notes):
        hurry(home.paths)
    until(lambda: len(receiver.items) >= len(logged), "the events of both")
    assert sorted(item["uuid"] for item in receiver.items) == sorted(
        event["uuid"] for event in logged
    )
    for item in receiver.items:
        assert item["distinct_id"] == ids[item["properties"]["program"]]
    # No request holds events of two programs: they would be seen to be one person's.
    assert all(
        len({item["properties"]["program"] for item in request.items}) == 1
        for request in receiver.requests
    )
    for home in (both.cecli, both.notes):
        until(partial(_is_empty, home.paths.spool), "an empty queue")


def _is_empty(spool: str) -> bool:
    """Tell whether nothing waits, and no deliverer is at work."""
    return not any(name.endswith((".ready", ".claimed", ".token")) for name in os.listdir(spool))


def test_the_records_of_both_are_private(both: Both) -> None:
    both.agree()
    for home in (both.cecli, both.notes):
        assert ConsentFile(home.paths).load().problem is None
        assert home.consent.stat().st_mode & 0o077 == 0
        assert home.consent.parent.stat().st_mode & 0o077 == 0
