"""The options on a program's own parser, of whatever making."""

from __future__ import annotations

import argparse
import copy

import configargparse
import pytest

from cecli.analytics import add_arguments
from cecli.analytics.registration import parsed
from cecli.analytics.settings.merge import InvalidSettings, Settings
from cecli.analytics.settings.namespace import changed
from cecli.args import ArgumentParser
from tools.user import User


def foreign(user: User, **options: object) -> configargparse.ArgumentParser:
    parser = configargparse.ArgumentParser(
        prog="program",
        config_file_parser_class=configargparse.YAMLConfigFileParser,
        default_config_files=[str(user.config("home")), str(user.config("folder"))],
        **options,
    )
    parser.add_argument("--color", action="store_true")
    add_arguments(parser)
    return parser


def read_foreign(
    user: User, parser: configargparse.ArgumentParser, *argv: str, **variables: str
) -> Settings:
    return user.parse(parser, argv, variables)


@pytest.mark.parametrize("key", ["no-analytics", "--no-analytics", "no_analytics"])
def test_a_programs_own_yaml_cant_invert_an_off(user: User, key: str) -> None:
    user.write(home=f"{key}: true\ncolor: true\n")
    found = read_foreign(user, foreign(user))
    assert found.analytics is not None
    assert found.analytics.value is False


def test_a_programs_own_parser_keeps_a_weaker_disable(user: User) -> None:
    user.write(home="analytics-disable: true\n", folder="analytics-disable: false\n")
    found = read_foreign(user, foreign(user), CECLI_ANALYTICS_DISABLE="false")
    assert found.disable is not None
    assert found.disable.kind == "home"


@pytest.mark.parametrize("prefix", ["CECLI_", "HOST_"])
def test_a_programs_prefix_doesnt_read_our_variables_its_own_way(user: User, prefix: str) -> None:
    parser = foreign(user, auto_env_var_prefix=prefix)
    found = read_foreign(
        user, parser, CECLI_ANALYTICS="", CECLI_ANALYTICS_LOG="", HOST_COLOR="true"
    )
    assert found == Settings()


def test_a_programs_own_options_are_left_alone(user: User) -> None:
    user.write(home="color: true\n")
    assert foreign(user).parse_args([]).color is True


@pytest.mark.parametrize(
    "line", ["analytics-lo: /etc/x", '"analytics-log=/etc/x": y', "no-analytics-x: true"]
)
def test_a_key_that_configargparse_would_take_for_a_flag_is_refused(user: User, line: str) -> None:
    user.write(folder=line + "\n")
    with pytest.raises(InvalidSettings, match="there is no such option"):
        read_foreign(user, foreign(user))


def test_a_parser_that_parses_twice_forgets_the_first_time(user: User) -> None:
    parser = foreign(user)
    user.write(home="analytics: false\n")
    assert read_foreign(user, parser).analytics is not None
    user.config("home").unlink()
    assert read_foreign(user, parser) == Settings()


def test_a_parser_without_our_options_is_a_mistake_of_the_program(user: User) -> None:
    parser = configargparse.ArgumentParser()
    with pytest.raises(TypeError, match="add_arguments was called on"):
        read_foreign(user, parser)


def test_a_parser_that_is_not_configargparses_is_a_mistake_of_the_program() -> None:

    parser = argparse.ArgumentParser()
    with pytest.raises(TypeError, match="needs a configargparse parser"):
        add_arguments(parser)


def test_a_name_is_no_program() -> None:
    with pytest.raises(TypeError, match="add_arguments needs a Program, not str"):
        add_arguments(configargparse.ArgumentParser(), "notes")  # type: ignore[arg-type]


# What a config file may not pass off as the user's


SMUGGLED = ["--analytics", "--analytics-log=/outside.jsonl", "--analytics-disable"]


@pytest.mark.parametrize("own", [True, False], ids=["cecli's parser", "a program's parser"])
@pytest.mark.parametrize("flag", SMUGGLED)
def test_a_list_in_a_projects_file_is_no_flag_of_the_users(
    user: User, flag: str, own: bool
) -> None:
    parser = ArgumentParser(environ=user.environ, folder=str(user.folder)) if own else foreign(user)
    if own:
        add_arguments(parser)
    parser.add_argument("--files", nargs="*")
    user.write(home="analytics: false\n", folder=f"files: [a, {flag}]\n")
    found = user.parse(parser)
    assert found.analytics is not None
    assert found.analytics.value is False
    assert found.log is None
    assert found.disable is None or found.disable.kind == "project"


def test_what_a_program_sets_itself_can_switch_off(user: User) -> None:
    parser = foreign(user)
    namespace = parser.parse_args([])
    namespace.analytics = False
    found = changed(parsed(parser).settings, namespace, None)
    assert found.analytics is not None
    assert found.analytics.value is False


def test_a_flag_in_a_file_of_arguments_is_typed(user: User) -> None:
    parser = foreign(user, fromfile_prefix_chars="@")
    user.named.write_text("--analytics\n")
    found = user.parse(parser, [f"@{user.named}"])
    assert found.analytics is not None
    assert found.analytics.source.kind == "flag"


def test_a_file_cant_name_itself_with_config(user: User) -> None:
    parser = foreign(user, args_for_setting_config_path=["-c", "--config"])
    user.write(
        home="analytics: false\n",
        folder=f"config: {user.config('folder')}\nanalytics: true\nanalytics-log: /outside\n",
    )
    found = user.parse(parser)
    assert found.analytics is not None
    assert found.analytics.value is False
    assert found.log is None


def test_a_file_that_is_named_on_the_command_line_is_the_users(user: User) -> None:
    for argv in (["-c", str(user.named)], [f"-c{user.named}"], [f"--config={user.named}"]):
        parser = foreign(user, args_for_setting_config_path=["-c", "--config"])
        user.write(named="analytics: false\n")
        found = user.parse(parser, argv)
        assert found.analytics is not None
        assert found.analytics.source.kind == "config"


def test_a_program_that_leaves_the_folder_leaves_the_projects_file_where_it_is(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(user.folder)
    parser = configargparse.ArgumentParser(
        config_file_parser_class=configargparse.YAMLConfigFileParser,
        default_config_files=[".cecli.conf.yml"],
    )
    add_arguments(parser)
    user.write(folder="analytics: true\n")
    parser.parse_args([], env_vars={})
    monkeypatch.chdir(user.home)
    found = parsed(parser).settings
    assert found.analytics is not None
    assert found.analytics.source.kind == "project"


def test_after_a_second_parse_a_named_file_is_stronger_than_the_homes(user: User) -> None:
    parser = foreign(user, args_for_setting_config_path=["--config"])
    user.write(home="analytics: true\n", named="analytics: false\n")
    parser.parse_known_args([], env_vars={})
    found = user.parse(parser, ["--config", str(user.named)])
    assert found.analytics is not None
    assert found.analytics.value is False


def test_a_parser_that_is_copied_keeps_listening(user: User) -> None:
    parser = copy.deepcopy(foreign(user))
    user.write(home="analytics: false\n")
    assert parser.parse_args([], env_vars={}).color is False
