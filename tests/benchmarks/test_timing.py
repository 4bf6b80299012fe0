"""Candidates take turns, and one that fails is told of."""

from __future__ import annotations

import sys

import pytest

from benchmarks import timing
from benchmarks.timing import Candidate


def test_each_turn_begins_with_another_and_the_first_doesnt_count() -> None:
    done: list[str] = []
    times = timing.turns({"a": lambda: done.append("a"), "b": lambda: done.append("b")}, runs=2)
    assert "".join(done) == "abbaab"
    assert {name: len(found) for name, found in times.items()} == {"a": 2, "b": 2}


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
