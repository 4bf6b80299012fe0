"""Mixtures of events that a server takes and refuses: none hides the others for good."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cecli.analytics.delivery import refusals
from cecli.analytics.spool.names import SET_ASIDE
from tests.analytics.faults import FaultyReceiver
from tests.analytics.scene import Scene, line, uuids

MOST_DELIVERIES = 100
"""What the tests allow, with a chance that is the same in each run."""
MIXTURES = {
    "a good one behind each session": ["24 bad, 1 good"] * 3,
    "a good one before each session": ["1 good, 24 bad"] * 3,
    "half and half": ["20 bad, 20 good"],
    "half and half, turned": ["20 good, 20 bad"],
    "one good": ["39 bad, 1 good"],
    "one good in the middle": ["19 bad, 1 good, 20 bad"],
    "a few behind very many": ["600 bad, 5 good"],
    "a few before very many": ["5 good, 600 bad"],
    "short good sessions behind long ones": ["250 bad"] * 3 + ["2 good"] * 2,
    "a long good session behind short ones": ["1 bad"] * 120 + ["200 good"],
    "one bad in every session": ["5 good, 1 bad"] * 60,
    "one bad in every request": ["900 good, 1 bad"] * 4,
    "one of each": ["1 bad", "1 good"],
    "as many as are tried": ["20 bad", "1 good"],
    "one more": ["21 bad", "1 good"],
}
"""The sessions, and what is in them in which order."""


def queue(scene: Scene, mixture: list[str]) -> tuple[set[str], set[str]]:
    """Hand over sessions; return the uuids of their good and of their bad events."""
    found: dict[str, set[str]] = {"good": set(), "bad": set()}
    for session in mixture:
        parts = [part.split() for part in session.split(", ")]
        rows = [line(scene.user_id, kind) for count, kind in parts for _ in range(int(count))]
        for event in scene.queue_lines(rows):
            found[event["event"]].add(event["uuid"])
    return found["good"], found["bad"]


@pytest.mark.parametrize("mixture", MIXTURES.values(), ids=MIXTURES)
def test_each_event_is_taken_or_set_aside_once_wherever_it_stands(
    home: Path, mixture: list[str]
) -> None:
    with FaultyReceiver(refuses=lambda item: item["event"] == "bad") as receiver:
        scene, chance, sent = Scene(home, receiver.url), Random(1), 0
        good, bad = queue(scene, mixture)
        for _ in range(MOST_DELIVERIES):
            receiver.requests.clear()
            done = scene.deliver(heed_back_offs=False, chance=chance)
            posted = [uuids(request.items) for request in receiver.requests]
            alone = Counter(first for first, *others in posted if not others and first in bad)
            assert set(alone.values()) <= {1}
            sent += done.sent
            if not scene.waiting:
                break
            good |= queue(scene, ["1 good"])[0]  # it was a session that started the next delivery
    assert (scene.waiting, scene.state.back_offs) == ([], {})
    assert (sent, scene.state.unsent.set_aside) == (len(good), len(bad))
    aside = (scene.folder / SET_ASIDE).read_text().splitlines()
    assert sorted(uuids(map(json.loads, aside))) == sorted(bad)
    assert Counter(uuids(receiver.items)) == Counter(good)


def test_a_server_that_takes_one_and_then_nothing_costs_no_event(home: Path) -> None:
    def refuses(item: dict[str, Any]) -> bool:
        return item["event"] == "bad" or (broken and bool(receiver.items))

    with FaultyReceiver(refuses=refuses) as receiver:
        scene, broken = Scene(home, receiver.url), True
        good, bad = queue(scene, ["30 bad, 30 good"])
        done = scene.deliver(chance=Random(1))
        assert len(receiver.items) == 1
        assert (done.sent, done.unsent.set_aside, scene.waiting) == (1, 0, ["ready"])
        assert len(receiver.requests) <= 3 * refusals.MOST_REFUSED_IN_A_ROW
        broken = False
        done = scene.deliver(heed_back_offs=False, chance=Random(1))
    assert (done.sent, done.unsent.set_aside, scene.waiting) == (len(good) - 1, len(bad), [])
    assert Counter(uuids(receiver.items)) == Counter(good)
