from __future__ import annotations

import pytest

from cecli.messages import shown


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
