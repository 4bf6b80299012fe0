"""What the lines of a segment tell, and what is damage."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cecli.analytics import ids
from cecli.analytics.destination import Destination
from cecli.analytics.program import PROJECT_API_KEY
from cecli.analytics.spool import segment
from cecli.analytics.spool.names import SegmentName
from cecli.analytics.spool.segment import Header, Lost, read_event, read_header, write_header
from tests.analytics.scene import line

DESTINATION = Destination("https://posthog.example.com", "phc_x")


def test_unserialisable_numbers_and_extra_fields_are_no_events() -> None:
    good = json.loads(line(ids.new()))
    bad: list[dict[str, Any]] = [
        good | {"more": 1},
        good | {"properties": {"cost": float("nan")}},
        good | {"time": float("inf")},
        good | {"time": True},
        good | {"time": -1},
        good | {"uuid": good["uuid"].upper()},
        good | {"user_id": None},
        {name: value for name, value in good.items() if name != "uuid"},
    ]
    assert read_event(json.dumps(good).encode())
    assert not any(read_event(json.dumps(each).encode()) for each in bad)


@pytest.mark.parametrize(
    ("size", "events", "age", "more"),
    [
        (0, 0, 0, True),
        (segment.SEGMENT_BYTES - 1, segment.SEGMENT_EVENTS - 1, segment.OPEN_SECONDS - 1, True),
        (segment.SEGMENT_BYTES, 0, 0, False),
        (0, segment.SEGMENT_EVENTS, 0, False),
        (0, 0, segment.OPEN_SECONDS, False),
        (0, 0, -0.5, False),  # a clock was set back
    ],
)
def test_a_segment_takes_more_until_it_is_large_full_or_old(
    size: int, events: int, age: float, more: bool
) -> None:
    assert segment.takes_more(size, events, age) is more


GOOD = json.loads(line(ids.new()))


@pytest.mark.parametrize(
    ("name", "value", "is_sound"),
    [
        ("event", 1, False),
        ("properties", [], False),
        ("properties", None, False),
        ("user_id", 1, False),
        ("user_id", "anybody", True),  # whose it is is not the queue's to judge
        ("time", 0, True),
        ("time", 0.5, True),
        ("time", -0.001, False),
        ("time", "0", False),
        ("time", 253_402_300_798.999, True),
        ("time", 253_402_300_799, False),  # year 10000, which no date can hold
        ("uuid", 1, False),
        ("uuid", "00000000-0000-1000-8000-000000000000", False),
    ],
)
def test_each_part_of_an_event_has_its_form(name: str, value: object, is_sound: bool) -> None:
    assert bool(read_event(json.dumps({**GOOD, name: value}).encode())) is is_sound


@pytest.mark.parametrize("damage", [b"", b"\xff", b"[" * 100_000, b"[]", b"7", b"null", b'"event"'])
def test_a_line_that_is_no_object_is_no_event(damage: bytes) -> None:
    assert read_event(damage) is None


def test_an_event_carries_its_line() -> None:
    written = line(ids.new())
    found = read_event(written.rstrip(b"\n"))
    assert found
    assert (found.line, found._asdict() | {"line": None}) == (
        written,
        json.loads(written) | {"line": None},
    )


@pytest.mark.parametrize("key", ["phc_x", PROJECT_API_KEY])
def test_a_header_comes_back_as_it_was_written(key: str | None) -> None:
    destination = Destination(DESTINATION.host, key)
    target = destination.target
    for lost in (None, Lost(1, 2, 3)):
        found = read_header(write_header(target, lost))
        assert found == (Header(target, lost or Lost()) if key else None)


def test_counts_up_to_a_billion_are_believed() -> None:
    target = DESTINATION.target
    found = read_header(write_header(target, Lost(0, 1, 10**9)))
    assert found == Header(target, Lost(0, 1, 10**9))


@pytest.mark.parametrize(
    "lost",
    [
        *([1, 2], [1, 2, 3, 4], [1, 2, "3"], [True, 0, 0], [1.0, 0, 0], [-1, 0, 0]),
        *([10**9 + 1, 0, 0], [10**400] * 3, {}, "123", None),
    ],
)
def test_counts_of_another_form_are_none(lost: object) -> None:
    target = DESTINATION.target
    header = {**json.loads(write_header(target)), "lost": lost}
    assert read_header(json.dumps(header).encode()) == Header(target, Lost())


@pytest.mark.parametrize(
    "damage",
    [
        *(b"", b"{}", b"[]", b"[" * 100_000),
        b'{"host": 1, "key": "k", "destination": "https://x"}',
        b'{"host": "https://x", "key": 1, "destination": "https://x"}',
        b'{"host": "https://x", "key": "k", "destination": 1}',
        b'{"host": "", "key": "k", "destination": ""}',
        b'{"host": "", "key": "k", "destination": " key blake2b:0"}',
        b'{"host": "https://x", "key": "", "destination": "https://x"}',
        b'{"host": "https://x", "key": "k", "key": "other", "destination": "https://x"}',
    ],
)
def test_a_damaged_header_names_nobody(damage: bytes) -> None:
    assert read_header(damage) is None


def test_a_header_that_names_another_host_than_was_agreed_to_names_nobody() -> None:
    names = {
        "host": "https://other.example.com",
        "key": "k",
        "destination": "https://x key blake2b:0",
    }
    assert read_header(json.dumps(names).encode()) is None


def test_the_sound_events_of_a_damaged_segment_are_read() -> None:
    name = SegmentName.parse("1700000000000-host-12-345-0123abcd.ready")
    assert name is not None
    good = [line(ids.new()), line(ids.new())]
    raw = b"{}\n" + good[0] + b"\0\xff\n" + good[1] + b'{"event": "cut'
    found = segment.read(name, raw)
    assert [event.line for event in found.events] == good
    assert (found.damaged, segment.count(raw)) == (2, 4)


@pytest.mark.parametrize("raw", [b"", b"\n", b"{}\n"])
def test_a_segment_without_events_has_none(raw: bytes) -> None:
    name = SegmentName.parse("1700000000000-host-12-345-0123abcd.ready")
    assert name is not None
    assert segment.read(name, raw) == segment.Segment(name, None, [], 0)
    assert segment.count(raw) == 0
