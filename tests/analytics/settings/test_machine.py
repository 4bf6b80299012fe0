"""The config file of a machine's owner."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cecli.analytics import Program, add_arguments
from cecli.analytics.program import CECLI
from cecli.analytics.settings.merge import InvalidSettings, Settings
from cecli.args import ArgumentParser
from tests.support import ANOTHER, needs_root
from tools.user import User

pytestmark = needs_root

KEY, HOST = "analytics-posthog-project-api-key", "analytics-posthog-host"
NOTES = Program("notes", "https://notes.example", "1.0", "phc_notes")

Read = Callable[..., Settings]


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Return the folder where the config files of the machine's owner lie."""
    folder = tmp_path / "etc"
    folder.mkdir()
    return folder


def write(machine: Path, text: str, name: str = "cecli") -> Path:
    file = machine / name / f"{name}.conf.yml"
    file.parent.mkdir()
    file.write_text(text)
    return file


@pytest.fixture
def read(user: User, machine: Path) -> Read:
    """Return what reads a program's settings on this machine."""

    def read(*argv: str, program: Program = CECLI, **variables: str) -> Settings:
        parser: Any = ArgumentParser(environ=user.environ, folder=str(user.folder))
        add_arguments(parser, program)
        parser._machine_folder = str(machine)
        return user.parse(parser, argv, variables)

    return read


@pytest.mark.parametrize("off", ["analytics: false", "no-analytics: true"])
@pytest.mark.parametrize("source", ["flag", "variable", "home", "folder"])
def test_its_off_is_final(user: User, machine: Path, read: Read, off: str, source: str) -> None:
    file = write(machine, f"{off}\n")
    argv = ["--analytics"] if source == "flag" else []
    variables = {"CECLI_ANALYTICS": "true"} if source == "variable" else {}
    if source in ("home", "folder"):
        user.write(**{source: "analytics: true\n"})
    found = read(*argv, **variables)
    assert found.analytics is not None
    assert (found.analytics.value, found.analytics.source.kind) == (False, "machine")
    assert found.analytics.source.text == f"{off} in {file}:1"
    (warning,) = found.warnings
    assert warning.endswith(f"{off} in {file}:1 is final: it is the machine's owner's word")


def test_its_on_is_the_weakest_word(user: User, machine: Path, read: Read) -> None:
    write(machine, "analytics: true\n")
    found = read().analytics
    assert found is not None
    assert found.value is True
    user.write(home="analytics: false\n")
    found = read().analytics
    assert found is not None
    assert found.value is False


@pytest.mark.parametrize(
    ("said", "host", "key"),
    [
        (f"{HOST}: https://own.example\n{KEY}: phc_own\n", "https://own.example", "phc_own"),
        (f"{HOST}: https://own.example\n", "https://own.example", "phc_user"),
        (f"{KEY}: phc_own\n", "https://app.posthog.com", "phc_own"),
    ],
)
def test_its_destination_is_the_only_one(
    machine: Path, read: Read, said: str, host: str, key: str
) -> None:
    file = write(machine, said)
    found = read(f"--{HOST}=https://user.example", f"--{KEY}=phc_user")
    assert (found.destination.host, found.destination.key) == (host, key)
    assert f"--{HOST} is ignored: " in found.warnings[0]
    assert f"in {file}:1 names the only destination on this machine" in found.warnings[0]
    assert "phc_" not in "".join(found.warnings)


def test_its_disable_disables_without_being_the_users_own(machine: Path, read: Read) -> None:
    write(machine, "analytics-disable: true\n")
    found = read("--analytics")
    assert found.disable is not None
    assert found.disable.kind == "machine"
    assert not found.disable.is_own


def test_its_log_is_weaker_than_the_users(user: User, machine: Path, read: Read) -> None:
    write(machine, "analytics-log: /var/log/own.jsonl\n")
    found = read().log
    assert found is not None
    assert found.value == "/var/log/own.jsonl"
    found = read("--analytics-log=/mine.jsonl").log
    assert found is not None
    assert found.value == "/mine.jsonl"


def others_can_write_it(file: Path) -> None:
    file.chmod(0o666)


def its_group_can_write_it(file: Path) -> None:
    file.chmod(0o664)


def others_can_write_its_folder(file: Path) -> None:
    file.parent.chmod(0o777)


def it_is_anothers(file: Path) -> None:
    os.chown(file, ANOTHER, -1)


def its_folder_is_anothers(file: Path) -> None:
    os.chown(file.parent, ANOTHER, -1)


def it_is_a_link_to_anothers(file: Path) -> None:
    behind = file.parents[2] / "behind.yml"
    file.rename(behind)
    os.chown(behind, ANOTHER, -1)
    file.symlink_to(behind)


DOUBTS = [
    others_can_write_it,
    its_group_can_write_it,
    others_can_write_its_folder,
    it_is_anothers,
    its_folder_is_anothers,
    it_is_a_link_to_anothers,
]


@pytest.mark.parametrize("doubt", DOUBTS)
def test_one_that_others_could_write_decides_nothing(
    machine: Path, read: Read, doubt: Callable[[Path], None]
) -> None:
    text = f"analytics: true\n{HOST}: https://own.example\n{KEY}: phc_own\nanalytics-log: own\n"
    doubt(write(machine, text))
    found = read()
    (warning,) = found.warnings
    assert "so it decides nothing but an off" in warning
    assert found == Settings(warnings=found.warnings)


@pytest.mark.parametrize("off", ["analytics: false", "no-analytics: true"])
@pytest.mark.parametrize("doubt", DOUBTS)
def test_an_off_in_such_a_file_counts_as_the_weakest(
    machine: Path, read: Read, doubt: Callable[[Path], None], off: str
) -> None:
    doubt(write(machine, f"{off}\n"))
    found = read().analytics
    assert found is not None
    assert found.value is False
    found = read("--analytics").analytics
    assert found is not None
    assert found.value is True


def test_a_disable_in_such_a_file_disables(machine: Path, read: Read) -> None:
    others_can_write_it(write(machine, "analytics-disable: true\n"))
    assert read().disable is not None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("analytics: maybe\n", "analytics in {file}:1: 'maybe' is neither true nor false"),
        ("analytics: [true\n", "line 2: is no valid YAML"),
        ("analytics: true\nanalytics: false\n", "line 2: 'analytics' is given twice"),
        ("Analytics: true\n", "there is no option 'Analytics'; did you mean analytics?"),
        ("no-analytcs: true\n", "there is no such option; did you mean no-analytics?"),
        ("analytics-lgo: x\n", "did you mean"),
    ],
)
def test_what_cant_be_read_there_ends_the_parse(
    machine: Path, read: Read, text: str, problem: str
) -> None:
    file = write(machine, text)
    with pytest.raises(InvalidSettings) as error:
        read()
    assert problem.format(file=file) in str(error.value)
    assert str(file) in str(error.value)


def test_a_program_heeds_cecli_s_and_its_own(machine: Path, read: Read) -> None:
    write(machine, "analytics: false\n")
    write(machine, f"{HOST}: https://notes.example\n", name="notes")
    found = read(program=NOTES)
    assert found.analytics is not None
    assert found.analytics.source.kind == "machine"
    assert found.destination.host == "https://notes.example"
    assert read().destination.host == "https://app.posthog.com"


def test_its_off_is_heard_where_the_parser_passes_over_files(
    user: User, machine: Path, read: Read
) -> None:
    write(machine, "analytics: false\n")
    parser = user.parser()
    parser._machine_folder = str(machine)
    user.parse(parser, ["--analytics"])
    assert parser.parse_args(["--analytics"], config_file_contents="").analytics is False
