"""The command as a user runs it: a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from cecli import __version__
from tests.support import NETWORK, loaded_by
from tools.user import PATIENCE, User


def test_the_version_is_the_packages(user: User) -> None:
    assert user.cecli("--version").stdout == f"cecli {__version__}\n"


@pytest.mark.parametrize(
    ("config", "variables", "argv", "first"),
    [
        ("analytics: false\n", {}, [], "off: analytics: false in ~/.cecli.conf.yml:1"),
        ("no-analytics: true\n", {}, [], "off: no-analytics: true in ~/.cecli.conf.yml:1"),
        ("", {"CECLI_ANALYTICS": "off"}, [], "off: CECLI_ANALYTICS=false (environment)"),
        ("", {"CECLI_NO_ANALYTICS": "1"}, [], "off: CECLI_NO_ANALYTICS=true (environment)"),
        ("", {"DO_NOT_TRACK": "1"}, [], "off: DO_NOT_TRACK is set (environment)"),
        ("", {}, ["--no-analytics"], "off: --no-analytics"),
        ("", {}, [], "off: you weren't asked: there is no terminal to ask on"),
        (
            "analytics-log: x.jsonl\n",
            {},
            ["--no-analytics"],
            "log only: --no-analytics",
        ),
    ],
)
def test_the_state_is_shown_with_its_source(
    user: User, config: str, variables: dict[str, str], argv: list[str], first: str
) -> None:
    user.write(home=config)
    ended = user.cecli(*argv, variables=variables)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines()[0] == f"analytics  {first}"


OWN_KEY = {"CECLI_ANALYTICS_POSTHOG_PROJECT_API_KEY": "phc_mine"}


@pytest.mark.parametrize(
    ("variables", "where"),
    [
        ({}, "nowhere: there is no PostHog project key to send with"),
        (OWN_KEY, "https://app.posthog.com"),
    ],
)
def test_without_a_project_key_it_is_shown_that_events_go_nowhere(
    user: User, variables: dict[str, str], where: str
) -> None:
    assert f"events to  {where}\n" in user.cecli(variables=variables).stdout


def test_a_session_logs_its_launch_and_its_exit(user: User) -> None:
    assert user.cecli("--analytics-log", "log.jsonl").returncode == 0
    lines = (user.folder / "log.jsonl").read_text().splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["launched", "exit"]


BAD = {
    "a switch": (["--config", "{named}"], "analytics: maybe\n"),
    "a list": (["--config", "{named}"], "analytics: [true]\n"),
    "nesting": (["--config", "{named}"], "analytics: " + "[" * 5000),
    "an alias": (["--config", "{named}"], "a: &a b\nanalytics: *a\n"),
    "an unknown key": (["--config", "{named}"], "analytics-lgo: x\n"),
    "an empty log": (["--analytics-log="], ""),
    "a folder as log": (["--analytics-log", "."], ""),
    "a host": (["--analytics-posthog-host", "a b"], ""),
    "a key with a space": (["--analytics-posthog-project-api-key", "SECRET b"], ""),
    "a key with a newline": (["--analytics-posthog-project-api-key", "SECRET\nb"], ""),
    "a folder as config": (["--config", "."], ""),
    "no config": (["--config", "nowhere.yml"], ""),
    "a key in a misspelt option": (["--analytics-posthog-project-api-kye", "SECRET"], ""),
    "a switch with a value": (["--analytics=false"], ""),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_bad_input_is_one_sentence_and_exit_code_2_and_writes_nothing(
    user: User, bad: tuple[list[str], str]
) -> None:
    argv, text = bad
    user.write(named=text)
    before = sorted(user.home.rglob("*"))
    ended = user.cecli(*(arg.format(named=user.named) for arg in argv))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("cecli: error: ")
    assert ended.stderr.count("\n") == 1
    assert "Traceback" not in ended.stderr
    assert "SECRET" not in ended.stderr
    assert sorted(user.home.rglob("*")) == before


@pytest.mark.parametrize("told", ["--analytics-lgo{}", "CECLI_ANALYTICS_NOTHING{}"])
def test_of_many_problems_twenty_are_told_and_how_many_more(user: User, told: str) -> None:
    names = [told.format(number) for number in range(22)]
    is_option = told.startswith("-")
    ended = user.cecli(
        *(names if is_option else []), variables={} if is_option else dict.fromkeys(names, "x")
    )
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 21)
    assert ended.stderr.endswith("cecli: error: and 2 more problems\n")


@pytest.mark.parametrize(
    "argv", [["--no-analytics"], ["--analytics-log", "log.jsonl"], ["--analytics"]]
)
def test_a_session_that_is_off_or_only_logs_opens_nothing(user: User, argv: list[str]) -> None:
    code = "from cecli.main import main\nmain()\nimport _thread\nassert _thread._count() == 0"
    loaded = loaded_by(code, *argv, cwd=user.folder, env=user.process_environ())
    assert "cecli.analytics.resolution" in loaded
    assert not loaded & (NETWORK | {"typing"})


@pytest.mark.usefixtures("unmeasured")  # what measures fails in such a folder
@pytest.mark.parametrize("name", ["проект", "a\x1b[2Jb", "new\nline", "\udcff"])
def test_a_path_of_any_characters_is_shown_on_any_terminal(user: User, name: str) -> None:
    user.folder = user.folder / name
    user.folder.mkdir()
    ended = user.cecli("--analytics-log", "x.jsonl", variables={"PYTHONIOENCODING": "latin-1"})
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "\x1b" not in ended.stdout
    assert ended.stdout.count("\n") == 5


def test_a_warning_that_nobody_can_see_is_not_put_into_the_output(user: User) -> None:
    def output(*shell: str) -> str:
        return subprocess.run(
            [*shell, sys.executable, "-m", "cecli.main", "--analytics"],
            cwd=user.folder,
            env=user.process_environ({"DO_NOT_TRACK": "1"}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    assert output("sh", "-c", 'exec "$@" 2>&-', "sh") == output()


@pytest.mark.parametrize("output", ["closed pipe", "/dev/full"])
def test_an_output_that_takes_nothing_is_no_traceback(user: User, output: str) -> None:
    if output == "closed pipe":
        reading, writing = os.pipe()
        os.close(reading)
    elif os.path.exists(output):
        writing = os.open(output, os.O_WRONLY)
    else:
        pytest.skip("this system has no /dev/full")
    ended = subprocess.run(
        [sys.executable, "-m", "cecli.main"],
        cwd=user.folder,
        env=user.process_environ(),
        stdin=subprocess.DEVNULL,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    os.close(writing)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("more", [["--model", "x"], ["file.py"], ["--no-such-option"]])
def test_a_disable_is_heeded_whatever_stands_beside_it(user: User, more: list[str]) -> None:
    ended = user.cecli("--analytics-disable", *more)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert json.loads(user.consent.read_text())["permanently_disable"] is True
