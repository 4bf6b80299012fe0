"""A run tells all that it has found, whatever else breaks or is missed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from benchmarks.__main__ import main
from benchmarks.ratio import Ratio
from benchmarks.results import Bound, Part


def kept() -> Part:
    return Part("first", bounds=(Bound("ours to theirs", Ratio(0.5, 0.4, 0.6), 1, ""),))


def missed() -> Part:
    return Part("second", bounds=(Bound("ours to bare", Ratio(3, 2, 4), 1.5, ""),))


def breaks() -> Part:
    raise RuntimeError("a program: ended with 1:\nTraceback\nValueError: no such thing")


def measure(*names: str, **parts: Callable[[], Part]) -> tuple[int, list[list[str]]]:
    """Run parts; return the exit code, and the names of the parts each time that they are rendered.

    Args:
        names: what is asked for.
        parts: all that there are.
    """
    rendered: list[list[str]] = []

    def render(found: Mapping[str, Part]) -> None:
        rendered.append(list(found))

    return main(names, parts=parts, render=render), rendered


def test_a_run_that_keeps_all_bounds_is_a_success() -> None:
    assert measure(one=kept) == (0, [["one"]])


def test_a_missed_bound_hides_none_of_the_rest(capsys: pytest.CaptureFixture[str]) -> None:
    assert measure(one=missed, two=kept) == (1, [["one", "two"]])
    shown = capsys.readouterr().out
    assert "ours to bare" in shown and "3 (2 to 4)" in shown and "MISSED" in shown
    assert "ours to theirs" in shown and "0.5 (0.4 to 0.6)" in shown


def test_a_part_that_breaks_hides_none_of_the_rest(capsys: pytest.CaptureFixture[str]) -> None:
    code, _ = measure(one=breaks, two=kept)
    shown = capsys.readouterr().out
    assert code == 1
    assert "BROKEN: one: ValueError: no such thing\n" in shown
    assert "ours to theirs" in shown


def test_nothing_is_rendered_when_a_part_broke() -> None:
    assert measure(one=breaks, two=kept) == (1, [])


def test_a_part_alone_is_run_and_nothing_is_rendered() -> None:
    assert measure("two", one=missed, two=kept) == (0, [])


def test_an_unknown_part_is_an_error_that_names_the_known(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        measure("three", one=kept, two=kept)
    assert ended.value.code == 2
    assert "there is no part 'three'; the parts are one, two" in capsys.readouterr().err
