"""What can be recorded in a session; needs no aider."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cecli.analytics.testing import RecordingAnalytics
from cecli.sessions import aider as host
from cecli.sessions import aider_events
from tests.analytics.scene import run


def session() -> tuple[host._Session, RecordingAnalytics]:
    recorder = RecordingAnalytics(aider_events.catalogue())
    return host._Session(recorder), recorder


def test_what_is_passed_on_is_declared() -> None:
    catalogue = aider_events.catalogue()
    for name, properties in aider_events.PASSED.items():
        checks = catalogue.checks(name)
        assert checks is not None, name
        assert set(properties) <= set(checks)


def test_free_text_leaves_as_a_choice_or_a_type(tmp_path: Path) -> None:
    told, recorder = session()
    told.event("oauth_flow_failed", provider="openrouter", reason="SECRET at /home/ada")
    told.event("oauth_flow_failed", provider="openrouter", reason="user_interrupt")
    try:
        (tmp_path / "SECRET").read_text()
    except FileNotFoundError as error:
        told.event("oauth_flow_save_failed", provider="openrouter", reason=str(error))
    first, second, third = (envelope.properties for envelope in recorder.envelopes)
    assert (first["reason"], second["reason"]) == ("other", "user_interrupt")
    assert third["exception"] == "FileNotFoundError"
    assert b"SECRET" not in b"".join(envelope.line for envelope in recorder.envelopes)


@pytest.mark.parametrize("name", ["launched", "command_secret", "something new", "exit"])
def test_what_isnt_known_or_is_recorded_elsewhere_is_not_recorded(name: str) -> None:
    told, recorder = session()
    told.event(name, reason="SECRET", exception="SECRET")
    assert recorder.names == []


def test_properties_that_arent_declared_are_left_out() -> None:
    told, recorder = session()
    told.event("repo", num_files=7)
    (envelope,) = recorder.envelopes
    assert "num_files" not in envelope.properties


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("/exit", "command"),
        ("Control-C", "interrupted"),
        ("Recursing with correct repo", None),
        ("Returning coder object", None),
        ("a reason of another version", "other"),
    ],
)
def test_the_reason_of_the_end_is_noted_and_recorded_by_nobody_here(
    said: str, reason: str | None
) -> None:
    told, recorder = session()
    told.event("exit", reason=said)
    assert told.reason == reason
    assert recorder.names == []


def test_aider_is_never_to_ask() -> None:
    told, _ = session()
    assert told.analytics(logfile="SECRET").need_to_ask(True) is False


def test_the_sample_log_is_of_a_session_and_holds_only_what_is_declared() -> None:
    catalogue = aider_events.catalogue()
    sample = Path(__file__).parents[2] / "docs" / "sample-analytics.jsonl"
    lines = [json.loads(line) for line in sample.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        checks = catalogue.checks(line["event"])
        assert checks is not None
        assert set(line["properties"]) <= {*checks, *catalogue.common}
    names = [line["event"] for line in lines]
    assert names[0] == "launched"
    assert names[-1] == "exit"
    assert {"repo", "message_send", "message_send_exception", "command_diff"} <= set(names)


def test_the_tool_prints_what_the_page_has() -> None:
    page = (Path(__file__).parents[2] / "docs" / "events.md").read_text(encoding="utf-8")
    assert run("events").stdout == page


def test_the_tool_passes_over_what_a_file_says_about_sessions(home: Path) -> None:
    (home / ".cecli.conf.yml").write_text("model: gpt-4o\nanalytics: false\n")
    shown = run("status")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "off: analytics: false" in shown.stdout
