"""A ratio is found with its noise, and what is shared by a turn is no noise."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.ratio import Ratio, ratio

SECONDS = st.floats(1e-6, 1e3)


@settings(max_examples=25)
@given(st.lists(SECONDS, min_size=1, max_size=9), st.floats(0.01, 100))
def test_what_slows_a_whole_turn_widens_nothing(base: list[float], times: float) -> None:
    found = ratio({"a": [times * each for each in base], "b": base}, "a", "b")
    assert found == pytest.approx((times, times, times))


def test_the_same_times_give_the_same_interval() -> None:
    times = {"a": [1.0, 2.0, 4.0, 3.0], "b": [3.0, 9.0, 1.0, 2.0]}
    assert ratio(times, "a", "b") == ratio(times, "a", "b")


def noisy(random: Random, cost: float) -> list[float]:
    """Return the times of 31 turns, some of them disturbed, as on a machine that is busy."""
    return [
        cost * random.gauss(1, 0.1) * (3 if random.random() < 0.1 else 1)  # a switch of tasks
        for _ in range(31)
    ]


def test_the_interval_holds_the_true_ratio_about_as_often_as_it_says() -> None:
    random = Random(0)
    intervals = [ratio({"a": noisy(random, 2), "b": noisy(random, 4)}, "a", "b") for _ in range(40)]
    assert sum(each.low <= 0.5 <= each.high for each in intervals) >= 36


def test_the_more_turns_the_less_noise() -> None:
    random = Random(0)
    a, b = noisy(random, 2), noisy(random, 4)
    few, many = ratio({"a": a, "b": b}, "a", "b"), ratio({"a": 9 * a, "b": 9 * b}, "a", "b")
    assert many.high - many.low < few.high - few.low


@pytest.mark.parametrize(
    ("beyond", "expected"),
    [("", 2 / 11), ("ground", 1 / 10), (("ground", ""), 1 / 11), (("", "ground"), 2 / 10)],
)
def test_what_is_compared_is_the_cost_beyond_a_ground(
    beyond: str | tuple[str, str], expected: float
) -> None:
    times = {"ground": [1.0], "a": [2.0], "b": [11.0]}
    assert ratio(times, "a", "b", beyond=beyond).found == pytest.approx(expected)


def test_the_ground_is_that_of_the_same_turn() -> None:
    times = {"ground": [1.0, 90.0, 5.0], "a": [2.0, 91.0, 6.0], "b": [3.0, 92.0, 7.0]}
    assert ratio(times, "a", "b", beyond="ground") == Ratio(0.5, 0.5, 0.5)


def test_nothing_is_measured_against_what_costs_nothing() -> None:
    with pytest.raises(ValueError, match="'b' costs nothing"):
        ratio(
            {"ground": [1.0, 1.0, 1.0], "a": [2.0, 2.0, 2.0], "b": [1.0, 0.9, 1.1]},
            "a",
            "b",
            beyond="ground",
        )
