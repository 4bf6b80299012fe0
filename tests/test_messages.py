from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from cecli.messages import (
    LONGEST,
    MOST_PROBLEMS,
    overwrite,
    quoted,
    sentences,
    show,
    shown,
    terminal_width,
)


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


@pytest.mark.parametrize(
    ("text", "styled"),
    [
        ("\x1b[1;36mbold\x1b[0m plain\n", "\x1b[1;36mbold\x1b[0m plain\n"),
        ("\x1b[2Jcleared\x1b]0;title\x07\n", "\\x1b[2Jcleared\\x1b]0;title\\x07\n"),
    ],
)
def test_a_styled_text_keeps_its_colours_and_nothing_else(text: str, styled: str) -> None:
    stream = io.StringIO()
    show(text, stream, styled=True)
    assert stream.getvalue() == styled
    assert "\x1b" not in _shown(text)


def _shown(text: str) -> str:
    stream = io.StringIO()
    show(text, stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("columns", "width"), [("40", 40), ("", 80), ("0", 80), ("wide", 80), ("-5", 80), ("٣", 80)]
)
def test_the_width_of_what_is_no_terminal_is_what_columns_says(
    monkeypatch: pytest.MonkeyPatch, columns: str, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert terminal_width(io.StringIO()) == width


def test_a_line_is_written_over_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "10")
    stream = io.StringIO()
    overwrite("123456789\x1b10", stream)
    assert stream.getvalue() == "\r123456789\x1b[K"
