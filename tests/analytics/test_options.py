"""The options on a parser of a host's own, of whatever making."""

from __future__ import annotations

import configargparse
import pytest

from cecli.analytics import add_arguments, settings
from cecli.analytics.settings import InvalidSettings, Settings
from tests.support import User


def foreign(user: User, **options: object) -> configargparse.ArgumentParser:
    parser = configargparse.ArgumentParser(
        prog="host",
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
    return settings.read(
        parser.parse_args(list(argv), env_vars=variables),
        parser,
        environ=variables,
        home=str(user.home),
        folder=str(user.folder),
    )


@pytest.mark.parametrize("key", ["no-analytics", "--no-analytics", "no_analytics"])
def test_a_hosts_own_yaml_cant_invert_an_off(user: User, key: str) -> None:
    user.write(home=f"{key}: true\ncolor: true\n")
    found = read_foreign(user, foreign(user))
    assert found.analytics is not None
    assert found.analytics.value is False


def test_a_hosts_own_parser_keeps_a_weaker_disable(user: User) -> None:
    user.write(home="analytics-disable: true\n", folder="analytics-disable: false\n")
    found = read_foreign(user, foreign(user), CECLI_ANALYTICS_DISABLE="false")
    assert found.disable is not None
    assert found.disable.place == "home"


@pytest.mark.parametrize("prefix", ["CECLI_", "HOST_"])
def test_a_hosts_prefix_doesnt_read_our_variables_its_own_way(user: User, prefix: str) -> None:
    parser = foreign(user, auto_env_var_prefix=prefix)
    found = read_foreign(
        user, parser, CECLI_ANALYTICS="", CECLI_ANALYTICS_LOG="", HOST_COLOR="true"
    )
    assert found == Settings()


def test_a_hosts_own_options_are_left_alone(user: User) -> None:
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


def test_a_parser_without_our_options_is_a_mistake_of_the_host(user: User) -> None:
    parser = configargparse.ArgumentParser()
    with pytest.raises(TypeError, match="add_arguments was called on"):
        read_foreign(user, parser)


def test_a_parser_that_is_not_configargparses_is_a_mistake_of_the_host() -> None:
    import argparse

    parser = argparse.ArgumentParser()
    with pytest.raises(TypeError, match="needs a configargparse parser"):
        add_arguments(parser)
