"""Counts and ranges that stay bounded."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cecli.analytics.catalogue.builtin import COMMON_NAMES
from cecli.analytics.inspection.view.tally import DEEPEST, Facts, Tally

NAMES = st.sampled_from(["a", "b", "$ip", "os", "machine", "$geoip_disable"])
VALUES = st.sampled_from(["x", "y", True, False, None, 0, 1, 1.0, 2.5, -3])


def told(value: object) -> str:
    """Return a word, a flag or a null as facts have it."""
    return value if isinstance(value, str) else json.dumps(value)


@given(st.lists(st.lists(st.tuples(NAMES, VALUES), unique_by=lambda pair: pair[0])))
def test_facts_are_those_of_each_event(events: list[list[tuple[str, Any]]]) -> None:
    facts, words, numbers = Facts(), Counter[tuple[str, str]](), dict[str, list[float]]()
    for event in events:
        facts.add(dict(event))
        for name, value in event:
            if type(value) in (int, float):
                numbers.setdefault(name, []).append(value)
            else:
                words[name, told(value)] += 1
    assert {(n, w): c for n, tally in facts.words.items() for w, c in tally.items()} == words
    found = {name: (span.count, span.low, span.high) for name, span in facts.spans.items()}
    assert found == {name: (len(each), min(each), max(each)) for name, each in numbers.items()}


def test_a_flag_is_no_number() -> None:
    facts = Facts()
    for value in (True, 1, True, 1.0, "1"):
        facts.add({"$ip": value})
    assert facts.words["$ip"] == {"true": 2, "1": 1}
    assert facts.spans["$ip"].count == 2


def test_common_facts_may_stand_anywhere() -> None:
    facts = Facts()
    facts.add({"x": "1", "os": "Linux", "machine": "arm64"})
    facts.add({"os": "Linux", "machine": "arm64", "x": "2"})
    facts.add({"os": "Linux", "x": "3", "machine": "arm64"})
    assert facts.words == {
        "x": {"1": 1, "2": 1, "3": 1},
        "os": {"Linux": 3},
        "machine": {"arm64": 3},
    }


def test_what_is_in_lists_and_objects_has_their_names() -> None:
    facts = Facts()
    facts.add({"options": ["a", "b", "a"], "error": [{"type": "E", "lines": [1, 5]}], "none": []})
    facts.add({"options": ["b"]})
    assert facts.words["options"] == {"a": 2, "b": 2}
    assert facts.words["error.type"] == {"E": 1}
    assert (facts.spans["error.lines"].low, facts.spans["error.lines"].high) == (1, 5)
    assert facts.words["none"] == {"(none)": 1}


def test_what_is_too_deep_is_told_to_be_more() -> None:
    value: object = "x"
    for _ in range(DEEPEST + 5):
        value = [value]
    facts = Facts()
    facts.add({"deep": value})
    assert facts.words["deep"] == {"(more)": 1}


def test_names_have_a_bound() -> None:
    facts = Facts()
    for number in range(Facts.MOST_NAMES + 100):
        facts.add({f"name {number}": "x" if number % 2 else number})
    assert len(facts.names()) == Facts.MOST_NAMES
    assert facts.others == 100


def test_words_have_a_bound() -> None:
    facts = Facts()
    for number in range(Facts.MOST_WORDS + 40):
        facts.add({"x": f"{number}"})
    assert len(facts.words["x"]) == Facts.MOST_WORDS
    assert facts.words["x"].others == 40


def test_long_words_and_names_lose_their_middle() -> None:
    facts = Facts()
    facts.add({"n" * 10_000: "w" * 10_000})
    ((name, tally),) = facts.words.items()
    assert [len(each) for each in (name, *tally)] == [199, 199]


def test_the_facts_of_all_events_come_last() -> None:
    facts = Facts()
    facts.add({"os": "Linux", "$list": 2, "zebra": 1, "apple": "x"})
    assert facts.names() == ["apple", "zebra", "$list", "os"]
    assert "os" in COMMON_NAMES


def test_a_tally_ranks_the_most_frequent_first() -> None:
    tally = Tally(3)
    for key in "abbccd":
        tally.add(key)
    assert tally.ranked() == [("b", 2), ("c", 2), ("a", 1)]
    assert (tally.others, tally.total) == (1, 6)
