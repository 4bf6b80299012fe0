from __future__ import annotations

import argparse
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cecli.args import ArgumentParser
from tools.user import User


def parser_of(user: User) -> ArgumentParser:
    parser = ArgumentParser(environ=user.environ, folder=str(user.folder))
    parser.add_argument("--colour", default="none")
    parser.add_argument("--commits", action=argparse.BooleanOptionalAction, default=None)
    parser.add_argument("--file", action="append")
    return parser


def parse(user: User, *argv: str, variables: Mapping[str, str] | None = None) -> argparse.Namespace:
    parsed: argparse.Namespace = parser_of(user).parse_args(
        list(argv), env_vars={**user.environ, **(variables or {})}
    )
    return parsed


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (("home",), "home"),
        (("home", "root"), "root"),
        (("home", "root", "folder"), "folder"),
        (("home", "root", "folder", "named"), "named"),
    ],
)
def test_the_later_file_wins(user: User, written: tuple[str, ...], read: str) -> None:
    user.write(**{source: f"colour: {source}\n" for source in written})
    argv = ["--config", str(user.named)] if "named" in written else []
    assert parse(user, *argv).colour == read


def test_a_variable_overrides_a_file_and_a_flag_a_variable(user: User) -> None:
    user.write(home="colour: file\n")
    variables = {"CECLI_COLOUR": "variable"}
    assert parse(user, variables=variables).colour == "variable"
    assert parse(user, "--colour", "flag", variables=variables).colour == "flag"


def test_an_empty_variable_counts_as_not_set(user: User) -> None:
    user.write(home="colour: file\n")
    assert parse(user, variables={"CECLI_COLOUR": "", "CECLI_COMMITS": ""}).colour == "file"


def test_a_variable_may_name_a_config_file(user: User) -> None:
    user.write(named="colour: named\n")
    assert parse(user, variables={"CECLI_CONFIG": str(user.named)}).colour == "named"


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("commits: true", True),
        ("commits: false", False),
        ("no-commits: true", False),
        ("no_commits: false", True),
    ],
)
def test_a_no_option_in_a_file_means_what_it_means_on_the_command_line(
    user: User, line: str, value: bool
) -> None:
    user.write(home=line + "\n")
    assert parse(user).commits is value


def test_a_list_in_a_file_is_a_list(user: User) -> None:
    user.write(home="file: [a, b c]\n")
    assert parse(user).file == ["a", "b c"]


def test_a_folder_with_brackets_in_its_name_is_read(user: User) -> None:
    user.folder = user.root / "a[b]c*"
    user.folder.mkdir()
    user.write(folder="colour: brackets\n")
    assert parse(user).colour == "brackets"


def fails(user: User, capsys: pytest.CaptureFixture[str], *argv: str, **variables: str) -> str:
    """Return what a failing start tells the user."""
    with pytest.raises(SystemExit) as caught:
        parse(user, *argv, variables=variables)
    assert caught.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "Traceback" not in shown.err
    return shown.err


def test_problems_of_all_files_are_told_at_once(
    user: User, capsys: pytest.CaptureFixture[str]
) -> None:
    user.write(home="colour: [\n", root="a: {b: c}\n", folder="color: red\n")
    told = fails(user, capsys)
    assert told.count("cecli: error: config file ") == 3
    assert "there is no option 'color'; did you mean colour?" in told


@pytest.mark.parametrize("key", ["config", "help", "version", "h", "col"])
def test_a_key_that_is_no_option_for_a_file_is_named(
    user: User, capsys: pytest.CaptureFixture[str], key: str
) -> None:
    user.write(home=f'"{key}": x y\n')
    assert f"there is no option {key!r}" in fails(user, capsys)


@pytest.mark.parametrize("key", ["config", "help", "version"])
def test_an_option_that_no_file_can_set_is_named_as_such(
    user: User, capsys: pytest.CaptureFixture[str], key: str
) -> None:
    user.write(home=f"{key}: x y\n")
    assert fails(user, capsys).endswith(f": there is no option {key!r} for files\n")


@pytest.mark.parametrize("key", ["colour SECRET", "colour=SECRET", "kolour: SECRET"])
def test_a_value_that_slipped_into_a_key_is_not_repeated(
    user: User, capsys: pytest.CaptureFixture[str], key: str
) -> None:
    user.write(home=f'"{key}": x\n')
    told = fails(user, capsys)
    assert "there is no option" in told
    assert "SECRET" not in told


@pytest.mark.parametrize(
    "argv",
    [
        ["--api-kye", "SECRET"],
        ["--api-kye=SECRET"],
        ["--api-kye", "SECRET", "SECRET"],
        ["-kSECRET"],
        ["--colourSECRET", "x"],
    ],
)
def test_the_value_of_a_misspelt_option_is_not_repeated(
    user: User, capsys: pytest.CaptureFixture[str], argv: list[str]
) -> None:
    told = fails(user, capsys, *argv)
    assert "there is no option" in told
    assert "SECRET" not in told


@pytest.mark.parametrize("argv", [["stray"], ["--commits", "false"], ["--", "-h"]])
def test_an_argument_too_many_is_named(
    user: User, capsys: pytest.CaptureFixture[str], argv: list[str]
) -> None:
    assert "unexpected argument" in fails(user, capsys, *argv)


def test_abbreviations_are_no_options(user: User, capsys: pytest.CaptureFixture[str]) -> None:
    assert "there is no option --colou; did you mean --colour?" in fails(
        user, capsys, "--colou", "x"
    )


@pytest.mark.parametrize("value", ["maybe", "2", " "])
def test_a_switch_that_is_none_is_refused(
    user: User, capsys: pytest.CaptureFixture[str], value: str
) -> None:
    assert "CECLI_COMMITS" in fails(user, capsys, CECLI_COMMITS=value)


def test_help_and_version_are_shown_whatever_the_files_hold(
    user: User, capsys: pytest.CaptureFixture[str]
) -> None:
    user.write(home="colour: [\n")
    for argv in (["--help"], ["--version"], ["-h"]):
        with pytest.raises(SystemExit) as caught:
            parse(user, *argv)
        assert caught.value.code == 0
    assert ".cecli.conf.yml" in capsys.readouterr().out


def test_a_help_behind_dashes_hides_no_config_file(user: User) -> None:
    user.write(home="colour: file\n")
    parsed, rest = parser_of(user).parse_known_args(["--", "-h"], env_vars=user.environ)
    assert (parsed.colour, rest) == ("file", ["--", "-h"])


# The surrogates stand for bytes that are no UTF-8, as os.environ has them.
environments = st.dictionaries(
    st.sampled_from(["CECLI_COLOUR", "CECLI_COMMITS", "CECLI_FILE", "CECLI_HELP", "CECLI_CONFIG"]),
    st.text(st.characters(exclude_characters="\0", exclude_categories=())),
)


@given(variables=environments)
def test_no_environment_brings_anything_but_options_or_a_message(
    user: User, variables: dict[str, str]
) -> None:
    try:
        parse(user, variables=variables)
    except SystemExit as error:
        assert error.code == 2


def test_unknown_options_and_keys_are_left_to_those_who_know_them(
    user: User, capsys: pytest.CaptureFixture[str]
) -> None:
    user.write(home="strange: x\n")
    parser = parser_of(user)
    _, rest = parser.parse_known_args(
        ["--strange", "a b", "file", "--colour=red", "--", "--commits"], env_vars=user.environ
    )
    assert rest[:3] == ["--strange", "a b", "file"]
    assert rest[-1] == "--commits"
    with pytest.raises(SystemExit):
        parser.fail_for_keys()
    assert "there is no option 'strange'\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--number", "SECRET"], "argument --number: invalid int value"),
        (["--shade", "SECRET"], "argument --shade: invalid choice (choose from"),
        (["--commits=SECRET"], "argument --commits/--no-commits: it takes no value"),
    ],
)
def test_a_value_that_argparse_refuses_is_not_repeated(
    user: User, capsys: pytest.CaptureFixture[str], argv: list[str], told: str
) -> None:
    parser = parser_of(user)
    parser.add_argument("--number", type=int)
    parser.add_argument("--shade", choices=["dark", "light"])
    with pytest.raises(SystemExit):
        parser.parse_args(argv, env_vars=user.environ)
    shown = capsys.readouterr().err
    assert told in shown
    assert "SECRET" not in shown
