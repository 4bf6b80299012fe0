"""Candidates take turns, and one that fails is told of."""

from __future__ import annotations

import sys
from collections import Counter
from functools import partial
from itertools import pairwise, permutations

import pytest

from benchmarks import timing
from benchmarks.timing import Candidate


def test_each_takes_part_in_each_turn_and_the_first_doesnt_count() -> None:
    done: list[str] = []
    times = timing.turns({"a": lambda: done.append("a"), "b": lambda: done.append("b")}, runs=2)
    assert [set(done[turn : turn + 2]) for turn in (0, 2, 4)] == [{"a", "b"}] * 3
    assert {name: len(found) for name, found in times.items()} == {"a": 2, "b": 2}


def test_each_follows_each_other_about_as_often() -> None:
    done: list[str] = []
    timing.turns({name: partial(done.append, name) for name in "abcdef"}, runs=60)
    followed = Counter(pairwise(done))
    often = [followed[one, other] for one, other in permutations("abcdef", 2)]
    assert min(often) > 61 / 6 / 3
    assert max(often) < 61 / 6 * 3


def test_the_order_is_the_same_in_each_run() -> None:
    first: list[str] = []
    second: list[str] = []
    for done in (first, second):
        timing.turns({name: partial(done.append, name) for name in "abcdef"}, runs=3)
    assert first == second


def test_each_action_is_prepared_for() -> None:
    done: list[str] = []
    timing.turns({"a": lambda: done.append("run")}, runs=1, before=done.append)
    assert done == ["a", "run", "a", "run"]


def test_a_turn_of_calls_is_many_of_them() -> None:
    done: list[int] = []
    times = timing.calls({"a": lambda: done.append(1)}, runs=2, each=5)
    assert (len(done), len(times["a"])) == (15, 2)


def test_a_candidate_has_its_environment_and_its_output_is_returned() -> None:
    code = "import os; print(os.environ['WORD'])"
    assert timing.run(Candidate([sys.executable, "-c", code], {"WORD": "here"})) == "here\n"


def test_a_candidate_that_fails_says_why() -> None:
    candidate = Candidate([sys.executable, "-c", "import sys; sys.exit('no such thing')"], {})
    with pytest.raises(RuntimeError, match="ended with 1: no such thing"):
        timing.processes({"a": candidate}, runs=1)
