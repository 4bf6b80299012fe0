"""How much one candidate costs for each unit that another costs, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from random import Random
from statistics import median
from typing import NamedTuple

from benchmarks.timing import Turns

_SAMPLES = 2_000


class Ratio(NamedTuple):
    """A ratio that was found, and between what it lies with a confidence of 95 %."""

    found: float
    low: float
    high: float


def ratio(turns: Turns, one: str, other: str, *, beyond: str | tuple[str, str] = "") -> Ratio:
    """Return what *one* costs, as a multiple of what *other* costs.

    It is a ratio of medians. Its interval is a percentile bootstrap (Efron and Tibshirani, An
    Introduction to the Bootstrap, 1993, chapter 13): the turns are drawn anew, with repetition, and
    the limits are those between which 95 % of the ratios lie that come of that. Of few turns
    it holds the true ratio a little less often than that. A turn is drawn as a whole, so that what
    slows all of a turn alike widens little. The draws are the same for the same times.

    Args:
        turns: what was found of each candidate.
        one: a candidate.
        other: the one that it is measured against.
        beyond: what costs nothing here: the differences to this candidate are compared, turn by
            turn. Two names, if *one* and *other* don't stand on the same ground.

    Raises:
        ValueError: what is measured against costs nothing, as far as can be seen.

    >>> ratio({"a": [2.0, 3.0, 4.0], "b": [4.0, 6.0, 8.0]}, "a", "b").found
    0.5
    """
    bases = (beyond, beyond) if isinstance(beyond, str) else beyond
    above, below = (_beyond(turns, *pair) for pair in zip((one, other), bases, strict=True))
    if median(below) <= 0:
        raise ValueError(f"{other!r} costs nothing that could be measured against")
    return _interval(lambda draw: _divided(_drawn(above, draw), _drawn(below, draw)), len(above))


def _beyond(turns: Turns, name: str, base: str) -> list[float]:
    if not base:
        return turns[name]
    return [cost - less for cost, less in zip(turns[name], turns[base], strict=True)]


def _drawn(costs: list[float], draw: list[int]) -> float:
    return median(costs[number] for number in draw)


def _divided(above: float, below: float) -> float:
    return above / below if below > 0 else inf


def _interval(statistic: Callable[[list[int]], float], turns: int) -> Ratio:
    random = Random(turns)
    drawn = sorted(statistic(random.choices(range(turns), k=turns)) for _ in range(_SAMPLES))
    low, high = (drawn[round(part * (_SAMPLES - 1))] for part in (0.025, 0.975))
    return Ratio(statistic(list(range(turns))), low, high)
