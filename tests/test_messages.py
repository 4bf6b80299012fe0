from __future__ import annotations

from collections.abc import Callable

import pytest

from cecli.messages import LONGEST, quoted, shown


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
