from __future__ import annotations

import uuid

import pytest

from cecli.analytics import ids


def test_a_new_id_is_a_uuid4_that_the_standard_library_reads() -> None:
    parsed = uuid.UUID(text := ids.new())
    assert (parsed.version, parsed.variant, str(parsed)) == (4, uuid.RFC_4122, text)


def test_ids_differ() -> None:
    assert len({ids.new() for _ in range(10_000)}) == 10_000


@pytest.mark.parametrize(
    "other",
    [
        "",
        "x",
        4,
        None,
        "5c6f0a6e-e671-11f1-8cf3-02fc00000001",
        "C68C1AA3-87C3-4184-857A-FC636DAA300C",
        "c68c1aa3-87c3-4184-857a-fc636daa300c\n",
    ],
)
def test_what_is_no_canonical_uuid4_is_not_taken_for_one(other: object) -> None:
    assert not ids.is_uuid4(other)


def test_new_ids_are_spread_evenly() -> None:
    tenths = [0] * 10
    for _ in range(100_000):
        tenths[int(ids.new()[:8], 16) * 10 >> 32] += 1
    assert all(abs(count - 10_000) < 6 * 95 for count in tenths)
