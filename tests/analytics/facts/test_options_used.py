"""Names of options and where they were set; never values, never positionals."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import configargparse
import pytest

from cecli.analytics import add_arguments, resolve
from cecli.analytics.facts.options_used import OptionUse, option_names, option_uses
from cecli.analytics.settings import command_line
from cecli.args import ArgumentParser
from tools.user import User


def parser(**settings: Any) -> Any:
    made = configargparse.ArgumentParser(
        config_file_parser_class=configargparse.YAMLConfigFileParser,
        auto_env_var_prefix="NOTES_",
        **settings,
    )
    made.add_argument("files", nargs="*")
    made.add_argument("-c", "--config", is_config_file=True)
    made.add_argument("-m", "--model", "--llm")
    made.add_argument("--api-key")
    made.add_argument("-v", "--verbose", action="store_true")
    made.add_argument("-q", "--quiet", action="store_true")
    made.add_argument("--analytics", action=argparse.BooleanOptionalAction, default=None)
    made.add_argument("-x", dest="short")
    return made


def used(made: Any, argv: Sequence[str] = ()) -> tuple[OptionUse, ...]:
    return option_uses(made, [each.action for each in command_line.read(made, list(argv))])


def uses(*argv: str, env: dict[str, str] | None = None) -> dict[str, str]:
    made = parser()
    made.parse_args(list(argv), env_vars=env or {})
    found = used(made, argv)
    assert all(type(use) is OptionUse for use in found)
    return dict(found)


@pytest.mark.parametrize(
    ("argv", "found"),
    [
        ([], []),
        (["file.py"], []),
        (["--model", "secret"], ["model"]),
        (["--model=secret"], ["model"]),
        (["--llm", "secret"], ["model"]),
        (["--mod", "secret"], ["model"]),
        (["-m", "secret"], ["model"]),
        (["-msecret"], ["model"]),
        (["-m=secret"], ["model"]),
        (["-v"], ["verbose"]),
        (["-vq"], ["quiet", "verbose"]),
        (["-vmqx"], ["model", "verbose"]),
        (["-qv", "-m", "secret"], ["model", "quiet", "verbose"]),
        (["--analytics"], ["analytics"]),
        (["--no-analytics"], ["analytics"]),
        (["-x", "secret"], []),
        (["--model", "secret", "--", "--verbose"], ["model"]),
        (["--", "--model", "-v"], []),
        (["--model", "-"], ["model"]),
        (["-v", "-v"], ["verbose"]),
        (["--api-key", "sk-secret", "file.py"], ["api-key"]),
    ],
)
def test_options_of_the_command_line(argv: list[str], found: list[str]) -> None:
    assert uses(*argv) == dict.fromkeys(found, "flag")


def test_an_option_that_takes_the_rest_ends_the_options() -> None:
    made = configargparse.ArgumentParser()
    made.add_argument("--run", nargs=argparse.REMAINDER)
    made.add_argument("--verbose", action="store_true")
    assert used(made, ["--run", "tool", "--verbose"]) == (OptionUse("run", "flag"),)


def test_an_abbreviation_is_none_where_none_is_allowed() -> None:
    made = parser(allow_abbrev=False)
    assert used(made, ["--mod", "secret"]) == ()


def test_options_of_the_environment() -> None:
    env = {"NOTES_MODEL": "secret", "NOTES_VERBOSE": "true", "OTHER": "x"}
    assert uses(env=env) == {"model": "variable", "verbose": "variable"}


def test_options_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "secret.yml"
    path.write_text("model: secret\nverbose: true\n", encoding="utf-8")
    assert uses("--config", str(path)) == {"config": "flag", "model": "file", "verbose": "file"}


def test_a_key_that_no_option_has_is_not_told(tmp_path: Path) -> None:
    path = tmp_path / "secret.yml"
    path.write_text("sk-secret: 1\nmodel: x\n", encoding="utf-8")
    made = parser()
    made.parse_known_args(["-c", str(path)], env_vars={})
    assert dict(used(made, ["-c", str(path)])) == {"config": "flag", "model": "file"}


def test_the_strongest_source_is_told(tmp_path: Path) -> None:
    path = tmp_path / "notes.yml"
    path.write_text("model: a\nverbose: true\nquiet: true\n", encoding="utf-8")
    env = {"NOTES_MODEL": "b", "NOTES_VERBOSE": "true"}
    assert uses("--model", "c", "--config", str(path), env=env) == {
        "config": "flag",
        "model": "flag",
        "quiet": "file",
        "verbose": "variable",
    }


def test_a_parser_that_has_not_parsed_or_keeps_no_sources_tells_nothing() -> None:
    assert used(argparse.ArgumentParser()) == ()


def test_the_names_of_all_options() -> None:
    assert option_names(parser()) == (
        "analytics",
        "api-key",
        "config",
        "help",
        "model",
        "quiet",
        "verbose",
    )


SECRET = "sk-secret-of-the-user"


@pytest.mark.parametrize("source", ["flag", "variable", "file"])
def test_a_launch_names_options_and_never_what_they_are_set_to(
    user: User, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    monkeypatch.chdir(user.folder)
    environ, argv = dict(user.environ), ["--analytics-log", "log.jsonl"]
    made = ArgumentParser(environ=environ, folder=str(user.folder))
    add_arguments(made)
    for name in ("api-key", "token-file", "password", "file"):
        made.add_argument(f"--{name}")
        if source == "flag":
            argv += [f"--{name}", f"/home/{SECRET}"]
        elif source == "variable":
            environ["CECLI_" + name.replace("-", "_").upper()] = SECRET
        else:
            with user.config("home").open("a") as config:
                config.write(f"{name}: {SECRET}\n")
    key = "analytics-posthog-project-api-key"
    if source == "flag":
        argv += [f"--{key}", SECRET]
    with resolve(made.parse_args(argv, env_vars=environ), made) as recorder:
        recorder.event("launched")
    text = (user.folder / "log.jsonl").read_text()
    assert SECRET not in text
    options = json.loads(text)["properties"]["options"]
    assert {f"{source}:api-key", f"{source}:password", "flag:analytics-log"} <= set(options)
