"""A parser with our options on it, whatever a program does with it."""

from __future__ import annotations

import argparse
import copy
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import configargparse
import pytest

from cecli.analytics import Program, add_arguments, resolve
from cecli.analytics.registration import parsed
from cecli.analytics.settings.merge import Settings
from cecli.analytics.settings.namespace import values

NOTES = Program("notes", "https://notes.example", "1.0", "phc_notes")
OTHER = Program("other", "https://other.example", "1.0", "phc_other")
KEY = "--analytics-posthog-project-api-key"
SECRET = "phc_0123456789abcdef"


@pytest.fixture(autouse=True)
def stands_in_a_folder(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def make(program: Program = NOTES, **options: Any) -> Any:
    parser = configargparse.ArgumentParser(prog="notes", **options)
    add_arguments(parser, program)
    return parser


def said(namespace: object) -> dict[str, object]:
    """Return what the namespace says of ours, without what nobody said."""
    return {
        name: value
        for name, value in vars(namespace).items()
        if name.startswith("analytics") and value is not None and (name, value) != (DISABLE, False)
    }


DISABLE = "analytics_disable"


def settings(parser: Any) -> Settings:
    return parsed(parser).settings


# Each way to parse


def test_some_words_may_be_left_over() -> None:
    parser = make()
    namespace, rest = parser.parse_known_args(["--more", "--no-analytics", "word"])
    assert (said(namespace), rest) == ({"analytics": False}, ["--more", "word"])
    assert values(settings(parser))["analytics"] is False


@pytest.mark.parametrize(
    ("words", "variable"), [(["a", "--no-analytics", "b"], ""), (["a", "--n", "1", "b"], "false")]
)
def test_words_may_be_intermixed(
    words: list[str], variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTES_ANALYTICS", variable)
    parser = make()
    parser.add_argument("files", nargs="*")
    parser.add_argument("--n")
    namespace = parser.parse_intermixed_args(words)
    assert (said(namespace), namespace.files) == ({"analytics": False}, ["a", "b"])
    assert values(settings(parser))["analytics"] is False
    assert ("NOTES_ANALYTICS" in parser.format_values()) is bool(variable)


def test_intermixed_words_may_be_left_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTES_ANALYTICS_LOG", "notes.jsonl")
    parser = make()
    parser.add_argument("files", nargs="*")
    namespace, rest = parser.parse_known_intermixed_args(["a", "--analytics", "b", "--more"])
    assert (namespace.files, rest) == (["a", "b"], ["--more"])
    assert said(namespace) == {"analytics": True, "analytics_log": "notes.jsonl"}


def test_a_line_may_be_one_string() -> None:
    assert said(make().parse_args("--no-analytics")) == {"analytics": False}


def test_the_words_of_the_process_are_read_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["notes", "--no-analytics"])
    assert said(make().parse_args()) == {"analytics": False}


@pytest.mark.parametrize("parse", ["parse_args", "parse_known_args"])
def test_where_a_parser_doesnt_exit_a_bad_value_is_an_error_to_catch(parse: str) -> None:
    parser = make(exit_on_error=False)
    with pytest.raises(argparse.ArgumentError, match="'maybe' is neither true nor false"):
        getattr(parser, parse)([], env_vars={"NOTES_ANALYTICS": "maybe"})


def test_two_parsers_in_one_process_dont_know_of_each_other() -> None:
    one, two = make(), make()
    one.parse_args(["--analytics"])
    two.parse_args(["--no-analytics"])
    assert settings(one).analytics != settings(two).analytics
    assert "--no-analytics" not in one.format_values()


def test_two_programs_in_one_process_read_their_own_variables() -> None:
    variables = {"NOTES_ANALYTICS": "false", "OTHER_ANALYTICS": "true"}
    notes, other = make(), make(OTHER)
    assert said(notes.parse_args([], env_vars=variables)) == {"analytics": False}
    assert said(other.parse_args([], env_vars=variables)) == {"analytics": True}


# Sub-commands


def with_sub_command(on_parent: bool, on_child: bool) -> tuple[Any, Any]:
    parent = make() if on_parent else configargparse.ArgumentParser(prog="notes")
    child = parent.add_subparsers(dest="command").add_parser("go")
    child.add_argument("--deep")
    if on_child:
        add_arguments(child, NOTES)
    return parent, child


ON, OFF = {"analytics": True}, {"analytics": False}
LOG = "--analytics-log"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("go --no-analytics", OFF),
        ("--no-analytics go", OFF),
        ("go --analytics", ON),
        ("--analytics go", ON),
        ("--no-analytics go --analytics", OFF),
        ("--analytics go --no-analytics", OFF),
        (f"go {LOG} x", {"analytics_log": "x"}),
        (f"{LOG} x go", {"analytics_log": "x"}),
        (f"{LOG} x go {LOG} y", {"analytics_log": "y"}),
        (f"{LOG} x go --deep 7 --no-analytics", {"analytics_log": "x", **OFF}),
    ],
)
def test_a_command_line_is_one_source_whichever_parser_reads_its_words(
    line: str, expected: dict[str, object]
) -> None:
    parent, child = with_sub_command(True, True)
    namespace = parent.parse_args(line.split())
    assert said(namespace) == expected
    for parser in (parent, child):
        assert {**values(settings(parser)), **expected} == values(settings(parser))
        assert all(each.source.kind == "flag" for (each,) in settings(parser).said.values())


@pytest.mark.parametrize("line", ["--no-analytics go", "go"])
def test_options_of_the_parent_alone_stand_before_the_sub_command(line: str) -> None:
    parent, child = with_sub_command(True, False)
    namespace = parent.parse_args(line.split())
    assert said(namespace) == (OFF if len(line) > 2 else {})
    with pytest.raises(TypeError, match="the parser that add_arguments was called on"):
        parsed(child)


@pytest.mark.parametrize(
    ("line", "variable", "expected"),
    [("go --no-analytics", "", OFF), ("go", "false", OFF), ("go --analytics", "false", ON)],
)
def test_options_of_the_child_alone_stand_behind_it(
    line: str, variable: str, expected: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTES_ANALYTICS", variable)
    parent, child = with_sub_command(False, True)
    assert said(parent.parse_args(line.split())) == expected
    assert values(settings(child))["analytics"] is expected["analytics"]


@pytest.mark.parametrize("on_child", [True, False])
def test_a_variable_is_heard_on_the_parent_with_a_sub_command(on_child: bool) -> None:
    parent, _ = with_sub_command(True, on_child)
    namespace = parent.parse_args(["go"], env_vars={"NOTES_ANALYTICS": "false"})
    assert said(namespace) == OFF
    assert "NOTES_ANALYTICS" in parent.format_values()


@pytest.mark.parametrize("whose", [0, 1], ids=["parent", "child"])
def test_a_file_of_either_parser_is_heard(whose: int, tmp_path: Path) -> None:
    file = tmp_path / "notes.conf"
    file.write_text("no-analytics = true\n")
    parsers = with_sub_command(True, True)
    parsers[whose]._default_config_files = [str(file)]
    assert said(parsers[0].parse_args(["go"])) == OFF
    assert values(settings(parsers[0]))["analytics"] is False


def test_a_key_on_a_sub_commands_line_is_shown_by_no_report() -> None:
    parent, child = with_sub_command(True, True)
    parent.parse_args(["go", KEY, SECRET])
    for parser in (parent, child):
        shown = parser.format_values() + repr(parser.get_source_to_settings_dict())
        assert SECRET not in shown
        assert "phc_...cdef" in shown


def test_a_key_is_masked_where_it_is_one_and_not_in_other_words() -> None:
    parser = make()
    parser.add_argument("--paper")
    parser.parse_args([f"{KEY}=p", "--paper", "paper"])
    assert f"{KEY}=... --paper paper" in " ".join(parser.format_values().split())


def test_a_sub_command_of_an_earlier_parse_says_nothing_in_the_next() -> None:
    parent, child = with_sub_command(True, True)
    parent.add_argument("--alone", action="store_true")
    parent.parse_args(["go", "--no-analytics"])
    assert said(parent.parse_args(["go"])) == {}
    assert settings(child).analytics is None


# Copies, parents, and options that are replaced


@pytest.mark.parametrize("made", [copy.copy, copy.deepcopy])
def test_a_copy_parses_for_itself(made: Callable[[Any], Any]) -> None:
    parser = make()
    parser.parse_args(["--analytics"])
    other = made(parser)
    assert said(other.parse_args(["--no-analytics"])) == OFF
    assert values(settings(parser))["analytics"] is True
    assert values(settings(other))["analytics"] is False
    assert said(parser.parse_args([])) == {}


def test_a_child_adopts_what_it_inherited() -> None:
    shared = make(add_help=False)
    child = configargparse.ArgumentParser(prog="child", parents=[shared])
    add_arguments(child, NOTES)
    namespace = child.parse_args([LOG, "x"], env_vars={"NOTES_ANALYTICS": "false"})
    assert said(namespace) == {"analytics_log": "x", **OFF}
    assert "NOTES_ANALYTICS" in child.format_values()
    assert said(shared.parse_args(["--analytics"])) == ON


@pytest.mark.parametrize("parse", ["parse_args", "parse_known_args", "parse_intermixed_args"])
def test_a_child_that_doesnt_adopt_is_told_so_by_its_first_parse(parse: str) -> None:
    child = configargparse.ArgumentParser(parents=[make(add_help=False)])
    with pytest.raises(TypeError, match="call add_arguments on it, too"):
        getattr(child, parse)([])


def test_a_program_is_the_same_wherever_it_was_made() -> None:
    shared = make(add_help=False)
    child = configargparse.ArgumentParser(prog="child", parents=[shared])
    again = copy.copy(NOTES)
    add_arguments(child, again)
    assert (again, hash(again)) == (NOTES, hash(NOTES))
    assert said(child.parse_args(["--no-analytics"])) == OFF


def test_an_off_for_an_equal_program_of_a_sub_command_holds() -> None:
    parent = make()
    child = parent.add_subparsers(dest="verb").add_parser("go")
    add_arguments(child, copy.copy(NOTES))
    assert said(parent.parse_args(["--analytics", "go", "--no-analytics"])) == OFF


def test_a_sub_command_of_another_program_is_refused() -> None:
    parent = make()
    add_arguments(parent.add_subparsers(dest="verb").add_parser("go"), OTHER)
    with pytest.raises(ValueError, match="has the analytics options of other; those of notes were"):
        parent.parse_args(["go"])


def test_a_variable_of_ours_counts_though_the_program_has_given_it_to_an_option() -> None:
    parser = make()
    parser.add_argument("--quiet", env_var="NOTES_NO_ANALYTICS", action="store_true")
    assert parser.parse_args([], env_vars={"NOTES_NO_ANALYTICS": "true"}).analytics is False


def test_a_child_cant_adopt_for_another_program() -> None:
    child = configargparse.ArgumentParser(parents=[make(add_help=False)])
    with pytest.raises(ValueError, match="the analytics options of notes; those of other were"):
        add_arguments(child, OTHER)


@pytest.mark.parametrize("program", [NOTES, OTHER])
def test_options_cant_be_added_twice(program: Program) -> None:
    parser = make()
    with pytest.raises(ValueError, match="was called on this parser already; once was expected"):
        add_arguments(parser, program)


@pytest.mark.parametrize("variable", ["", "false"])
def test_an_option_that_the_program_replaces_still_switches_off(variable: str) -> None:
    parser = make(conflict_handler="resolve")
    parser.add_argument("--no-analytics", action="store_true", dest="mine")
    variables = {"NOTES_ANALYTICS": variable}
    namespace = parser.parse_args([] if variable else ["--no-analytics"], env_vars=variables)
    assert (namespace.analytics, namespace.mine) == (False, not variable)


def test_ours_replace_the_programs_where_it_says_so() -> None:
    parser = configargparse.ArgumentParser(conflict_handler="resolve")
    parser.add_argument(LOG, default="mine")
    add_arguments(parser, NOTES)
    assert said(parser.parse_args([LOG, "x"])) == {"analytics_log": "x"}


def test_an_option_of_the_same_name_is_an_error_otherwise() -> None:
    parser = configargparse.ArgumentParser()
    parser.add_argument(LOG)
    with pytest.raises(argparse.ArgumentError, match="conflicting option string"):
        add_arguments(parser, NOTES)


def test_the_attributes_are_there_where_a_parser_suppresses_defaults() -> None:
    namespace = make(argument_default=argparse.SUPPRESS).parse_args([])
    assert vars(namespace) == values(Settings())


# What a parser passes over


@pytest.mark.parametrize("words", [["--", "-h"], ["--", "--help"]])
def test_help_behind_two_dashes_hides_no_file(words: list[str], tmp_path: Path) -> None:
    file = tmp_path / "notes.conf"
    file.write_text("no-analytics = true\n")
    parser = make(default_config_files=[str(file)])
    parser.add_argument("files", nargs="*")
    namespace = parser.parse_args(words)
    assert (said(namespace), namespace.files) == (OFF, words[1:])
    assert "no-analytics:" in parser.format_values()


@pytest.mark.parametrize("exits", [True, False])
def test_a_file_behind_help_that_cant_be_read_ends_the_parse(
    exits: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "notes.conf"
    file.write_text("a = [\n- ]\n: {")
    parser = make(
        default_config_files=[str(file)],
        config_file_parser_class=configargparse.YAMLConfigFileParser,
        exit_on_error=exits,
    )
    parser.add_argument("files", nargs="*")
    with pytest.raises(SystemExit if exits else argparse.ArgumentError):
        parser.parse_args(["--", "-h"])


@pytest.mark.parametrize("off", ["ANALYTICS=false", "NO_ANALYTICS=1", "ANALYTICS_DISABLE=yes"])
@pytest.mark.parametrize("given", [{}, {"NOTES_ANALYTICS": "true"}])
def test_variables_that_a_program_gives_hide_no_off_of_the_users(
    off: str, given: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, _, value = off.partition("=")
    monkeypatch.setenv(f"NOTES_{name}", value)
    assert make().parse_args([], env_vars=given).analytics is False


def test_what_else_the_users_variables_say_isnt_read_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTES_ANALYTICS", "true")
    monkeypatch.setenv("NOTES_ANALYTICS_LOG", "notes.jsonl")
    assert said(make().parse_args([], env_vars={})) == {}


@pytest.mark.parametrize("own", [True, False], ids=["the process's", "the program's"])
def test_a_misspelt_variable_is_an_error_in_either(
    own: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    variables = {"NOTES_NO_ANALYTCS": "1"}
    if own:
        monkeypatch.setenv("NOTES_NO_ANALYTCS", "1")
    with pytest.raises(SystemExit, match="2"):
        make().parse_args([], env_vars={} if own else variables)
    assert "did you mean NOTES_NO_ANALYTICS?" in capsys.readouterr().err


# What the program says itself

PRESETS = [
    ({"analytics": True}, {}),
    ({"analytics": "yes"}, {}),
    ({"analytics": False}, OFF),
    ({"analytics_disable": True}, OFF),
    ({"analytics_log": "x"}, {"analytics_log": "x"}),
    ({"analytics_posthog_host": "https://x.example"}, {}),
    ({"analytics_posthog_project_api_key": SECRET}, {}),
]


@pytest.mark.parametrize(("preset", "expected"), PRESETS)
@pytest.mark.parametrize("how", ["set_defaults", "namespace="])
def test_what_a_program_presets_may_switch_off_and_choose_a_log(
    how: str, preset: dict[str, object], expected: dict[str, object]
) -> None:
    parser = make()
    namespace = argparse.Namespace()
    if how == "set_defaults":
        parser.set_defaults(**preset)
    else:
        namespace = argparse.Namespace(**preset)
    found = parser.parse_args([], namespace=namespace)
    assert {name: value for name, value in said(found).items() if name != DISABLE} == expected
    assert SECRET not in parser.format_values() + repr(parser.get_source_to_settings_dict())


@pytest.mark.parametrize(("preset", "expected"), PRESETS)
def test_what_a_program_changes_later_may_switch_off_and_choose_a_log(
    preset: dict[str, object], expected: dict[str, object], tmp_path: Path
) -> None:
    parser = make()
    namespace = parser.parse_args([])
    for name, value in preset.items():
        setattr(namespace, name, value)
    with resolve(namespace, parser) as analytics:
        status = analytics.status
    assert status.log == (str(tmp_path / "x") if "analytics_log" in expected else None)
    assert status.destination == NOTES.posthog_host
    assert status.state == ("log only" if status.log else "off")


@pytest.mark.parametrize("late", [True, None, "yes", 1])
def test_a_program_cant_take_an_off_back(late: object) -> None:
    parser = make()
    namespace = parser.parse_args(["--no-analytics"])
    namespace.analytics = late
    with resolve(namespace, parser) as analytics:
        assert (
            analytics.status.reason
            == resolve(parser.parse_args(["--no-analytics"]), parser).status.reason
        )


# What ends a parse


class Raising(configargparse.ArgumentParser):  # type: ignore[misc]
    """A program's parser, with an ``error`` of its own."""

    def error(self, message: str) -> NoReturn:
        raise RuntimeError(message)


def problems(parser: Any, words: Sequence[str] = (), **variables: str) -> list[str]:
    with pytest.raises(RuntimeError) as error:
        parser.parse_args(list(words), env_vars=variables)
    return str(error.value).split("\n")


def raising() -> Any:
    parser = Raising(prog="notes")
    add_arguments(parser, NOTES)
    return parser


def test_all_problems_are_told_at_once_by_the_parsers_own_error() -> None:
    found = problems(
        raising(),
        ["--analytics-posthog-host", "ftp://x"],
        NOTES_ANALYTICS="maybe",
        NOTES_ANALYTICS_DISABLE="perhaps",
        NOTES_ANALYTICS_LGO="x",
        NOTES_ANALYTICS_POSTHOG_PROJECT_API_KEY="phx_0123456789",
    )
    assert len(found) == 5
    assert "phx_" not in "".join(found).replace("'phx_…'", "")
    for name in ("--analytics-posthog-host", "NOTES_ANALYTICS ", "NOTES_ANALYTICS_DISABLE"):
        assert any(each.startswith(name) for each in found)


@pytest.mark.parametrize(
    "words",
    [
        [f"--analytics={SECRET}"],
        [f"--no-analytics={SECRET}"],
        ["--analytics-posthog-project-api-kye", SECRET],
        [f"--analytics-posthog-project-api-kye={SECRET}"],
        [f"{KEY}{SECRET}"],
        [SECRET],
        [f"{KEY}=phx_0123456789abcdef"],
        [f"{KEY}={SECRET} {SECRET}"],
        ["--analytics-posthog-host", SECRET],
    ],
)
def test_no_problem_shows_a_key(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert "0123456789abcdef" not in "".join(problems(raising(), words))
    with pytest.raises(SystemExit, match="2"):
        make().parse_args(words)
    assert "0123456789abcdef" not in capsys.readouterr().err


@pytest.mark.parametrize("name", ["ANALYTICS", "NO_ANALYTICS", "ANALYTICS_DISABLE"])
def test_a_key_in_the_variable_of_a_switch_isnt_shown(name: str) -> None:
    assert SECRET not in "".join(problems(raising(), **{f"NOTES_{name}": SECRET}))


def test_a_parser_that_hasnt_parsed_has_nothing_to_resolve() -> None:
    with pytest.raises(TypeError, match="a parser that has parsed: call parse_args first"):
        resolve(argparse.Namespace(), make())


def test_a_parser_whose_last_parse_failed_has_nothing_to_resolve() -> None:
    parser = make(exit_on_error=False)
    namespace = parser.parse_args(["--analytics"])
    with pytest.raises(argparse.ArgumentError):
        parser.parse_args([], env_vars={"NOTES_ANALYTICS": "maybe"})
    with pytest.raises(TypeError, match="a parser that has parsed"):
        resolve(namespace, parser)


@pytest.mark.parametrize(
    "parser", [argparse.ArgumentParser(), configargparse.ArgumentParser()], ids=["argparse", ""]
)
def test_a_parser_without_our_options_has_nothing_to_resolve(parser: Any) -> None:
    namespace = parser.parse_args([])
    with pytest.raises(TypeError, match="resolve needs the parser that add_arguments was called"):
        resolve(namespace, parser)


# What abbreviates or smuggles


def test_a_beginning_of_an_option_is_that_option_for_a_parser_that_takes_them() -> None:
    parser = make()
    assert said(parser.parse_args(["--analytics-l", "x"])) == {"analytics_log": "x"}
    assert settings(parser).said["analytics-log"][0].source.kind == "flag"
    assert said(make().parse_args(["--no-an"])) == OFF


@pytest.mark.parametrize("word", ["--analytics", "--analytics-l=/outside", f"{LOG}=/outside"])
def test_a_list_in_a_projects_file_brings_no_flag(word: str, tmp_path: Path) -> None:
    file = tmp_path / "notes.yml"
    file.write_text(f"files: [a, {word}]\n")
    parser = make(
        default_config_files=[str(file)],
        config_file_parser_class=configargparse.YAMLConfigFileParser,
    )
    parser.add_argument("--files", nargs="*")
    parser.parse_args([], env_vars={"NOTES_ANALYTICS": "false"})
    assert values(settings(parser))["analytics"] is False
    assert settings(parser).log is None
    assert not any(
        each.source.is_own and each.value is not False
        for every in settings(parser).said.values()
        for each in every
    )
