"""``cecli-analytics preview``: what would leave, before any yes."""

from __future__ import annotations

import json
from pathlib import Path

from cecli.analytics.facts import environment
from cecli.analytics.program import CECLI
from cecli.analytics.spool.segment import read_event
from cecli.sessions import aider_events
from tests.analytics.scene import Scene, run


def test_every_event_is_shown_with_its_reason() -> None:
    shown = " ".join(run("preview").stdout.split())
    for event in aider_events.catalogue():
        assert f"{event.name} {event.description} Why: {event.why}" in shown


def test_each_line_has_the_form_of_an_event_and_the_facts_of_this_machine(home: Path) -> None:
    lines = run("preview", "--json").stdout.splitlines()
    assert len(lines) == len(list(aider_events.catalogue()))
    facts = environment.facts(CECLI)
    for raw in lines:
        event = read_event(raw.encode())
        assert event is not None
        assert facts.items() <= dict(event.properties).items()
    assert not list(home.iterdir())


def test_no_example_is_one_that_the_sanitiser_refuses() -> None:
    for raw in run("preview", "--json").stdout.splitlines():
        event = json.loads(raw)
        (declared,) = [each for each in aider_events.catalogue() if each.name == event["event"]]
        assert {each.name for each in declared.properties} <= set(event["properties"])


def test_the_id_is_the_users_if_there_is_one(scene: Scene) -> None:
    assert scene.user_id in run("preview").stdout
