"""What a part of the benchmarks has found: ratios, the bounds on them, and absolute figures."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import NamedTuple

from benchmarks.ratio import Ratio
from benchmarks.timing import Turns


class Bound(NamedTuple):
    """The most that a ratio may be, and why that much."""

    what: str
    ratio: Ratio
    most: float
    why: str

    @property
    def missed(self) -> bool:
        """Whether the ratio is over the bound by more than its noise."""
        return self.ratio.low > self.most

    @property
    def verdict(self) -> str:
        """What became of the bound: it can't be decided where the noise reaches over it."""
        if self.missed:
            return "MISSED"
        return "kept" if self.ratio.found <= self.most else "undecided"


class Figure(NamedTuple):
    """A median that says something of this machine alone."""

    what: str
    value: float
    unit: str
    """``s`` or ``B``."""


class Growth(NamedTuple):
    """What something costs when something else grows; a row of a table."""

    what: str
    costs: Mapping[str, float]
    """Seconds, by how much there is of the other."""


class Part(NamedTuple):
    """What one part has found, or why it has found nothing."""

    title: str
    bounds: tuple[Bound, ...] = ()
    figures: tuple[Figure, ...] = ()
    growth: tuple[Growth, ...] = ()
    added: Mapping[str, float] = {}
    """Seconds that each adds to a bare program, for a chart."""
    quoted: tuple[str, ...] = ()
    """Sentences for a reader in a hurry; the README has them."""
    broken: str = ""

    @property
    def failed(self) -> bool:
        """Whether it broke, or has missed a bound."""
        return bool(self.broken) or any(bound.missed for bound in self.bounds)


def figures(turns: Turns, unit: str = "s") -> tuple[Figure, ...]:
    """Return the median of each candidate."""
    return tuple(Figure(name, median(found), unit) for name, found in turns.items())


def added(turns: Turns, bare: str, *names: str) -> dict[str, float]:
    """Return the seconds that some candidates take beyond a bare program, as medians."""
    return {
        name: median(one - base for one, base in zip(turns[name], turns[bare], strict=True))
        for name in names
    }


def growth(what: str, turns: Turns) -> Growth:
    """Return a row of a table: the medians of the candidates, by how much there is of the other."""
    return Growth(what, {size: median(found) for size, found in turns.items()})


def part_of(ratio: Ratio) -> str:
    """Say a ratio in words before what it is a part or a multiple of, with two digits.

    >>> part_of(Ratio(0.042, 0.04, 0.05)), part_of(Ratio(1.234, 1.2, 1.3))
    ('1/24 of', '1.2 times')
    """
    if ratio.found < 0.7:
        return f"1/{1 / ratio.found:.2g} of"
    return f"{ratio.found:.1f} times"
