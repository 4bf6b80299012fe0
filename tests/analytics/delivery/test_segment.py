"""What the name and the lines of a segment tell, and what is damage."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cecli.analytics.delivery.segment import SegmentName, read_event
from tests.analytics.scene import Scene


def test_a_name_tells_state_and_owner() -> None:
    base = "1700000000000-ab12.402-77-1234-0123abcd"
    names = [SegmentName.parse(f"{base}.{end}") for end in ("open", "ready", "me-1-2.claimed")]
    assert [name and (name.base, name.state, name.owner) for name in names] == [
        (base, "open", "ab12.402-77-1234"),
        (base, "ready", "ab12.402-77-1234"),
        (base, "claimed", "me-1-2"),
    ]


@pytest.mark.parametrize("file", ["x.open", "../1-a-1-1-0123abcd.open", "", ".ready"])
def test_other_names_are_foreign(file: str) -> None:
    assert SegmentName.parse(file) is None


def test_unserialisable_numbers_and_extra_fields_are_no_events(scene: Scene) -> None:
    good = json.loads(scene.lines(1)[0])
    bad: list[dict[str, Any]] = [
        good | {"more": 1},
        good | {"properties": {"cost": float("nan")}},
        good | {"time": float("inf")},
        good | {"time": True},
        good | {"time": -1},
        good | {"uuid": good["uuid"].upper()},
        good | {"user_id": None},
    ]
    assert read_event(json.dumps(good).encode())
    assert not any(read_event(json.dumps(line).encode()) for line in bad)
