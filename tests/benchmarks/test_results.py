"""A bound is missed when the ratio is over it by more than its noise."""

from __future__ import annotations

import pytest

from benchmarks.ratio import Ratio
from benchmarks.results import Bound, Part, added


@pytest.mark.parametrize(
    ("ratio", "verdict", "missed"),
    [
        (Ratio(0.9, 0.8, 0.95), "kept", False),
        (Ratio(0.9, 0.8, 1.2), "kept", False),
        (Ratio(1.0, 1.0, 1.0), "kept", False),
        (Ratio(1.1, 0.9, 1.3), "undecided", False),
        (Ratio(1.1, 1.0, 1.3), "undecided", False),
        (Ratio(1.1, 1.01, 1.3), "MISSED", True),
    ],
)
def test_a_bound_of_one(ratio: Ratio, verdict: str, missed: bool) -> None:
    bound = Bound("a ratio", ratio, 1, "")
    assert (bound.verdict, bound.missed) == (verdict, missed)


KEPT, MISSED = Bound("", Ratio(1, 1, 1), 2, ""), Bound("", Ratio(3, 3, 3), 2, "")


@pytest.mark.parametrize(
    ("part", "failed"),
    [
        (Part("kept", bounds=(KEPT,)), False),
        (Part("one missed", bounds=(KEPT, MISSED)), True),
        (Part("broken", broken="no file"), True),
    ],
)
def test_a_part_has_failed(part: Part, failed: bool) -> None:
    assert part.failed == failed


def test_what_is_added_is_a_median_of_differences() -> None:
    turns = {"bare": [1.0, 9.0, 1.0], "sdk": [2.0, 10.0, 3.0]}
    assert added(turns, "bare", "sdk") == {"sdk": 1.0}
