"""Counts and ranges of what a log holds, in memory that stays bounded whatever that is."""

from __future__ import annotations

from collections.abc import Container
from itertools import islice
from typing import Any

from cecli.analytics.catalogue.builtin import COMMON_NAMES
from cecli.messages import cut

LONGEST_KEY = 200
"""Characters of a key; what is longer loses its middle."""
DEEPEST = 6
"""How far into lists and objects inside each other their values are told apart."""


class Tally(dict[str, int]):
    """How often each key was met; when there are too many, further ones are counted together."""

    def __init__(self, most: int = 1000) -> None:
        super().__init__()
        self.most = most
        self.others = 0
        """How often keys were met for which there was no place."""

    def add(self, key: str, count: int = 1) -> None:
        """Count *key*; those who are in a hurry may do ``tally[key] += 1`` for one that is there.

        >>> tally = Tally(most=1)
        >>> for key in "aab":
        ...     tally.add(key)
        >>> tally, tally.others
        ({'a': 2}, 1)
        """
        key = cut(key, LONGEST_KEY)
        if key in self:
            self[key] += count
        elif len(self) < self.most:
            self[key] = count
        else:
            self.others += count

    def ranked(self) -> list[tuple[str, int]]:
        """Return keys and counts, the most frequent first."""
        return sorted(self.items(), key=lambda item: (-item[1], item[0]))

    @property
    def total(self) -> int:
        """How often any key was met."""
        return sum(self.values()) + self.others


class Span:
    """How many numbers were met, the least, and the greatest."""

    __slots__ = ("count", "high", "low")

    def __init__(self, number: float) -> None:
        self.count = 0
        self.low = self.high = number


class Facts:
    """What was ever seen of each property: words with their number, and the span of numbers.

    What stands in a list counts for the list's name, what stands in an object for that name, a dot,
    and its own.
    """

    MOST_NAMES, MOST_WORDS = 500, 60

    def __init__(self) -> None:
        self._words: dict[str, Tally] = {}
        self._spans: dict[str, Span] = {}
        self.others = 0
        """How many values have a name for which there was no place."""
        self._common: dict[str, str] = {}
        self._run = 0

    @property
    def words(self) -> dict[str, Tally]:
        """The words, flags and nulls that were seen, by their properties."""
        self._end_run()
        return self._words

    @property
    def spans(self) -> dict[str, Span]:
        """The numbers that were seen, by their properties."""
        self._end_run()
        return self._spans

    def names(self) -> list[str]:
        """Return the names of all properties that were seen, those of every event last."""
        return sorted({*self.words, *self.spans}, key=_place_in_order)

    def add(self, properties: dict[str, Any]) -> None:
        """Take in the properties of one event.

        The common ones stay the same from event to event: a run of equal ones is counted at its
        end, which saves a fifth of the time that a summary takes.
        """
        common = self._common
        own = len(properties) - len(common)
        if not (
            common
            and common.items() <= properties.items()
            and common.keys().isdisjoint(islice(properties, own))
        ):
            own = self._begin_run(properties)
        self._run += 1
        if not own:
            return
        words, spans = self._words, self._spans
        for name, value in islice(properties.items(), own):
            kind = type(value)
            try:
                if kind is str:
                    words[name][value] += 1
                elif kind is bool:
                    words[name]["true" if value else "false"] += 1
                elif kind is float or kind is int:
                    span = spans[name]
                    span.count += 1
                    if value > span.high:
                        span.high = value
                    elif value < span.low:
                        span.low = value
                else:
                    self._add(name, value, DEEPEST)
            except KeyError:
                self._add(name, value, DEEPEST)

    def _begin_run(self, properties: dict[str, Any]) -> int:
        """Take the properties at the end for common; return how many stand before them."""
        self._end_run()
        self._common = {}
        for name, value in reversed(properties.items()):
            if name not in COMMON_NAMES or type(value) is not str:  # 1 == True
                break
            self._common[name] = value
        return len(properties) - len(self._common)

    def _end_run(self) -> None:
        if self._run:
            for name, value in self._common.items():
                self._add_word(name, value, self._run)
            self._run = 0

    def _add(self, name: str, value: Any, depth: int) -> None:
        if type(value) in _NUMBERS:
            self._add_number(name, value)
        elif not isinstance(value, (list, dict)):
            self._add_word(name, _plain(value))
        elif not value or not depth:
            self._add_word(name, "(more)" if value else "(none)")
        elif isinstance(value, list):
            known: dict[str, int] = self._words.get(name, {})
            for each in value:
                if type(each) is str and each in known:
                    known[each] += 1
                else:
                    self._add(name, each, depth - 1)
        else:
            for key, each in value.items():
                self._add(f"{name}.{key}", each, depth - 1)

    def _add_number(self, name: str, number: float) -> None:
        if found := self._place(name, self._spans):
            span = self._spans.setdefault(found, Span(number))
            span.count += 1
            span.low, span.high = min(span.low, number), max(span.high, number)

    def _add_word(self, name: str, word: str, count: int = 1) -> None:
        if found := self._place(name, self._words):
            if found not in self._words:
                self._words[found] = Tally(self.MOST_WORDS)
            self._words[found].add(word, count)

    def _place(self, name: str, known: Container[str]) -> str:
        """Return the name to keep a value under; none if there are too many."""
        name = cut(name, LONGEST_KEY) or "(none)"
        if name not in known and len(self._words) + len(self._spans) >= self.MOST_NAMES:
            self.others += 1
            return ""
        return name


def _place_in_order(name: str) -> tuple[bool, bool, str]:
    """Return what sorts the common ones last, and PostHog's names after ours."""
    return name in COMMON_NAMES, name.startswith("$"), name


_NUMBERS = (int, float)


def _plain(value: str | bool | None) -> str:
    if isinstance(value, str):
        return value
    return "null" if value is None else "true" if value else "false"
