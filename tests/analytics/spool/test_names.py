"""What the names in the spool folder tell, and which are ours."""

from __future__ import annotations

import pytest

from cecli.analytics.spool import names, process
from cecli.analytics.spool.names import SegmentName


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


def test_a_new_name_tells_what_it_was_made_of() -> None:
    name = SegmentName.new(1700000000.25)
    assert SegmentName.parse(name.file) == name
    assert (name.created, name.state, name.owner) == (1700000000.25, "open", process.identity())


def test_a_segment_keeps_its_base_as_it_changes_hands() -> None:
    name = SegmentName.new(1700000000)
    parsed = [SegmentName.parse(file) for file in (name.ready, name.claimed)]
    assert [each and (each.base, each.state, each.owner) for each in parsed] == [
        (name.base, "ready", process.identity()),
        (name.base, "claimed", process.identity()),
    ]


@pytest.mark.parametrize(
    ("file", "ours"),
    [
        ("delivery.json", True),
        ("delivery.json.0a1b2c3d.tmp", True),
        ("deliverer.token", True),
        ("set-aside.jsonl", True),
        ("1700000000000-a-1-1-0123abcd.ready", True),
        ("1700000000000-a-1-1-0123abcd.ready.0a1b2c3d.tmp", False),
        ("1700000000000-a-1-1-0123abcd.b-2-2.claimed.0a1b2c3d.tmp", True),
        ("lost-0.jsonl", True),
        ("lost-0.jsonl.0a1b2c3d.tmp", True),
        ("lost-8.jsonl", False),
        ("delivery.json.tmp", False),
        ("notes.txt", False),
    ],
)
def test_only_names_of_our_making_are_ours(file: str, ours: bool) -> None:
    assert names.is_ours(file) is ours
