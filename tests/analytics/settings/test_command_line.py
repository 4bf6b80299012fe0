"""One reading of what the user typed: which options, with which words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import configargparse
import pytest

from cecli.analytics.settings import command_line


def read(made: Any, argv: list[str]) -> list[tuple[str, object]]:
    typed = command_line.read(made, argv)
    return [(each.action.option_strings[-1], each.value) for each in typed]


def parser(**options: Any) -> Any:
    made = configargparse.ArgumentParser(
        config_file_parser_class=configargparse.YAMLConfigFileParser, **options
    )
    made.add_argument("files", nargs="*")
    made.add_argument("-m", "--model")
    made.add_argument("-n", "--number", type=int, choices=[1, 2])
    made.add_argument("--pair", nargs=2)
    made.add_argument("--many", nargs="*")
    made.add_argument("-v", "--verbose", action="count")
    made.add_argument("--read", action="append")
    made.add_argument("--analytics", action="store_true", default=None)
    made.add_argument("--no-analytics", action="store_false", dest="analytics", default=None)
    return made


@pytest.mark.parametrize(
    ("argv", "found"),
    [
        ([], []),
        (["a", "b"], []),
        (["--model", "x", "a"], [("--model", "x")]),
        (["-mx", "--number=2"], [("--model", "x"), ("--number", "2")]),
        (["--pair", "x", "--", "y"], []),
        (["--pair", "x", "y", "z"], [("--pair", ["x", "y"])]),
        (["-vv", "-v"], [("--verbose", True)] * 3),
        (["--read", "x", "--read", "y"], [("--read", "x"), ("--read", "y")]),
        (["--mod", "x"], [("--model", "x")]),
        (["--", "--model", "x"], []),
        (["--model", "--analytics"], []),
        (["--model=--analytics"], [("--model", "--analytics")]),
    ],
)
def test_options_of_a_command_line(argv: list[str], found: list[tuple[str, object]]) -> None:
    assert read(parser(), argv) == found


def test_two_options_that_share_an_attribute_are_told_apart() -> None:
    made = parser()
    assert read(made, ["--no-analytics"]) == [("--no-analytics", True)]
    assert read(made, ["--analytics", "--no-analytics"]) == [
        ("--analytics", True),
        ("--no-analytics", True),
    ]


def test_what_a_named_file_of_words_holds_was_typed(tmp_path: Path) -> None:
    words = tmp_path / "words"
    words.write_text("--model\nx\n")
    made = parser(fromfile_prefix_chars="@")
    assert read(made, [f"@{words}"]) == [("--model", "x")]


def test_options_behind_a_sub_command_are_its_own() -> None:
    made = configargparse.ArgumentParser()
    made.add_argument("--verbose", action="store_true")
    sub = made.add_subparsers().add_parser("run")
    sub.add_argument("--verbose", action="store_true")
    assert read(made, ["run", "--verbose"]) == []
    assert read(made, ["--verbose", "run"]) == [("--verbose", True)]


def test_a_parser_with_other_dashes_is_read_as_it_reads() -> None:
    made = configargparse.ArgumentParser(prefix_chars="-+")
    made.add_argument("++on", action="store_true")
    assert read(made, ["++on"]) == [("++on", True)]
