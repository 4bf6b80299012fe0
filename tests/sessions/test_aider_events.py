"""What can be recorded in a session; needs no aider."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cecli.analytics import Catalogue, Event, NotAsDeclared
from cecli.analytics.testing import RecordingAnalytics
from cecli.sessions import aider_events, aider_session
from tests.analytics.scene import run


def session() -> tuple[aider_session._StandIn, RecordingAnalytics]:
    recorder = RecordingAnalytics(aider_events.catalogue())
    return aider_session._StandIn(recorder), recorder


MODELS = {"main_model": "gpt-4o", "weak_model": "gpt-4o-mini", "editor_model": "gpt-4o"}
SAMPLES: dict[str, dict[str, object]] = {
    "cli session": {**MODELS, "edit_format": "diff"},
    "gui session": {**MODELS, "edit_format": "whole"},
    "auto_commits": {"enabled": True},
    "model warning": {**MODELS},
    "auto_model_selection": {"model": "gpt-4o"},
    "oauth_flow_initiated": {"provider": "openrouter"},
    "oauth_flow_code_received": {"provider": "openrouter"},
    "oauth_flow_success": {"provider": "openrouter"},
    "oauth_flow_failed": {"provider": "openrouter", "reason": "user_interrupt"},
    "oauth_flow_save_failed": {"provider": "openrouter", "exception": OSError()},
}
"""Each event of a session in full; the others have no properties."""


@pytest.mark.parametrize("event", aider_events.EVENTS, ids=lambda event: event.name)
def test_every_event_of_a_session_is_recorded_with_all_its_properties(event: Event) -> None:
    recorder = RecordingAnalytics(aider_events.catalogue())
    sample = SAMPLES.get(event.name, {})
    assert set(sample) == {declared.name for declared in event.properties}
    recorder.event(event.name, **sample)
    (envelope,) = recorder.envelopes
    assert set(sample) <= set(envelope.properties)


@pytest.mark.parametrize(
    ("name", "properties"),
    [
        ("message_send", {"edit_format": "udiff"}),
        *(("exit", {"reason": reason}) for reason in aider_events.EXIT_REASONS),
        *((f"command_{name}", {}) for name in ("add", "chat-mode")),
    ],
)
def test_what_only_a_session_has_leaves_from_a_session_alone(
    name: str, properties: dict[str, object]
) -> None:
    recorder = RecordingAnalytics(aider_events.catalogue())
    recorder.event(name, **properties)
    (envelope,) = recorder.envelopes
    assert properties.items() <= envelope.properties.items()
    with pytest.raises(NotAsDeclared):
        RecordingAnalytics().event(name, **properties)


def test_no_event_of_any_program_is_declared_by_a_session() -> None:
    built_in = [event.name for event in Catalogue()]
    in_session = [event.name for event in aider_events.catalogue()]
    assert in_session[: len(built_in)] == built_in
    assert not {event.name for event in aider_events.EVENTS} & set(built_in)


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


def test_the_sample_log_is_of_sessions_and_holds_only_what_is_declared() -> None:
    catalogue = aider_events.catalogue()
    sample = Path(__file__).parents[2] / "docs" / "sample-analytics.jsonl"
    lines = [json.loads(line) for line in sample.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        checks = catalogue.checks(line["event"])
        assert checks is not None
        assert set(line["properties"]) <= {*checks, *catalogue.common}
    names = [line["event"] for line in lines]
    assert names[0] == "launched"
    assert names.count("launched") == names.count("exit") > 1
    assert {"repo", "message_send", "message_send_exception", "command_diff"} <= set(names)
    assert names.count("$exception") == 1
    assert len({line["properties"].get("main_model") for line in lines} - {None}) > 1


def test_the_tool_prints_what_the_page_has() -> None:
    page = (Path(__file__).parents[2] / "docs" / "events.md").read_text(encoding="utf-8")
    assert run("events").stdout == page


def test_the_tool_passes_over_what_a_file_says_about_sessions(home: Path) -> None:
    (home / ".cecli.conf.yml").write_text("model: gpt-4o\nanalytics: false\n")
    shown = run("status")
    assert (shown.returncode, shown.stderr) == (3, "")
    assert "off: analytics: false" in shown.stdout
