from __future__ import annotations

from collections.abc import Callable

import pytest

from cecli.messages import LONGEST, MOST_PROBLEMS, quoted, sentences, shown


@pytest.mark.parametrize(
    ("path", "home", "text"),
    [
        ("/home/ada/x", "/home/ada", "~/x"),
        ("/home/ada/x", "/home/ada/", "~/x"),
        ("/home/adam/x", "/home/ada", "/home/adam/x"),
        ("/home/ada/x", None, "/home/ada/x"),
        ("/x/\x1b[2J", None, r"'/x/\x1b[2J'"),
        ("/x/\udcff", None, r"'/x/\udcff'"),
    ],
)
def test_a_path_is_shown_as_a_person_writes_it(path: str, home: str | None, text: str) -> None:
    assert shown(path, home) == text


@pytest.mark.parametrize("say", [quoted, shown])
def test_of_what_is_too_long_both_ends_are_shown(say: Callable[[str], str]) -> None:
    text = say("/first" + "x" * 1_000_000 + "last")
    assert len(text) <= LONGEST + len("''")
    assert text.strip("'").startswith("/first")
    assert text.strip("'").endswith("last")


@pytest.mark.parametrize("say", [quoted, shown])
def test_what_is_as_long_as_may_be_is_shown_whole(say: Callable[[str], str]) -> None:
    assert "..." not in say("x" * LONGEST)


@pytest.mark.parametrize(
    ("more", "last"),
    [
        (0, "notes: error: x"),
        (1, "notes: error: x"),  # so that what was listed once stays as it is
        (2, "notes: error: and 2 more problems"),
        (100_000, "notes: error: and 100000 more problems"),
    ],
)
def test_of_many_problems_the_first_are_told_and_how_many_more(more: int, last: str) -> None:
    lines = sentences("notes", ["x"] * (MOST_PROBLEMS + more)).splitlines()
    assert lines[:MOST_PROBLEMS] == ["notes: error: x"] * MOST_PROBLEMS
    assert len(lines) == MOST_PROBLEMS + bool(more)
    assert lines[-1] == last
