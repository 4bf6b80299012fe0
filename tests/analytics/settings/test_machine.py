"""The config file of a machine's owner: what it decides, for whom, and when it is in doubt."""

from __future__ import annotations

import argparse
import io
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import configargparse
import pytest

from cecli.analytics import Program, add_arguments, resolve
from cecli.analytics.client import Analytics
from cecli.analytics.consent.file import ConsentFile
from cecli.analytics.destination import Destination
from cecli.analytics.paths import Paths
from cecli.analytics.program import CECLI
from cecli.analytics.settings.merge import InvalidSettings, Settings
from tests.support import ANOTHER, needs_root
from tools.user import User

NOTES = Program("notes", "https://example.com/notes/analytics", "1.0")
KEY = "phc_companys_secret"
HOST = "https://posthog.company.example"


class Machine:
    """A machine whose owner has files in a folder that stands for ``/etc``."""

    def __init__(self, folder: Path, user: User) -> None:
        self.folder, self.user = folder, user
        folder.mkdir()

    def path(self, name: str = "cecli") -> Path:
        return self.folder / name / f"{name}.conf.yml"

    def write(self, text: str, name: str = "cecli") -> Path:
        path = self.path(name)
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    def parser(self, program: Program = CECLI) -> Any:
        parser = configargparse.ArgumentParser(
            prog=program.name,
            default_config_files=[str(self.user.config("home")), str(self.user.config("folder"))],
            config_file_parser_class=configargparse.YAMLConfigFileParser,
        )
        add_arguments(parser, program)
        parser._machine_folder = str(self.folder)
        return parser

    def config(self, text: str) -> None:
        """Write the user's own config file, if there is something to write."""
        if text:
            self.user.write(home=text)

    def read(
        self,
        *argv: str,
        program: Program = CECLI,
        variables: Mapping[str, str] | None = None,
    ) -> Settings:
        return self.user.parse(self.parser(program), argv, variables)

    def resolve(self, *argv: str, program: Program = CECLI) -> tuple[Analytics, str]:
        """Return what a session without a terminal comes to, and what it says."""
        parser, told = self.parser(program), io.StringIO()
        args = parser.parse_args(list(argv), env_vars=self.user.environ)
        with resolve(args, parser, stdin=io.StringIO(), stdout=told, stderr=told) as analytics:
            return analytics, told.getvalue()


@pytest.fixture
def machine(tmp_path: Path, user: User) -> Machine:
    return Machine(tmp_path / "etc", user)


def switched(settings: Settings) -> bool | None:
    return settings.analytics and settings.analytics.value


# Its off is final


@needs_root
@pytest.mark.parametrize("off", ["analytics: false", "no-analytics: true"])
@pytest.mark.parametrize(
    ("argv", "variables", "home"),
    [
        (["--analytics"], {}, ""),
        ([], {"CECLI_ANALYTICS": "true"}, ""),
        ([], {}, "analytics: true\n"),
        (["--analytics"], {"CECLI_ANALYTICS": "true"}, "analytics: true\n"),
    ],
)
def test_its_off_is_final_and_named_with_its_line(
    machine: Machine, off: str, argv: list[str], variables: dict[str, str], home: str
) -> None:
    path = machine.write(f"# by the owner\n{off}\n")
    machine.config(home)
    found = machine.read(*argv, variables=variables)
    assert switched(found) is False
    assert found.analytics is not None
    assert found.analytics.source.text == f"{off} in {path}:2"
    [warning] = found.warnings
    assert warning.endswith(
        f"is ignored: {off} in {path}:2 is final: it is the machine's owner's word"
    )


@needs_root
def test_where_nobody_wants_otherwise_its_off_is_not_worth_a_word(machine: Machine) -> None:
    machine.write("analytics: false\n")
    found = machine.read()
    assert (switched(found), found.warnings) == (False, ())


@needs_root
def test_a_disable_of_its_is_heeded_and_stored_in_nobodys_record(machine: Machine) -> None:
    path = machine.write("analytics-disable: true\n")
    destination = Destination(CECLI.posthog_host, None)
    machine.user.agree(destination)
    before = machine.user.consent.read_bytes()
    analytics, told = machine.resolve("--analytics")
    assert analytics.status.state == "off"
    assert analytics.status.reason == f"analytics-disable: true in {path}:1"
    assert f"--analytics has no effect: analytics-disable: true in {path}:1" in told
    assert machine.user.consent.read_bytes() == before


@needs_root
def test_its_off_holds_for_one_who_has_agreed(machine: Machine) -> None:
    path = machine.write("analytics: false\n")
    machine.user.agree(Destination(CECLI.posthog_host, None))
    analytics, told = machine.resolve("--analytics")
    assert analytics.status.reason == f"analytics: false in {path}:1"
    assert f"cecli: warning: --analytics is ignored: analytics: false in {path}:1 is final" in told


# For values it is the weakest


@needs_root
@pytest.mark.parametrize(
    ("argv", "variables", "home", "on"),
    [
        ([], {}, "", True),
        (["--no-analytics"], {}, "", False),
        ([], {"CECLI_NO_ANALYTICS": "1"}, "", False),
        ([], {}, "analytics: false\n", False),
    ],
)
def test_its_on_is_the_weakest(
    machine: Machine, argv: list[str], variables: dict[str, str], home: str, on: bool
) -> None:
    machine.write("analytics: true\n")
    machine.config(home)
    assert switched(machine.read(*argv, variables=variables)) is on


@needs_root
def test_its_on_is_no_consent(machine: Machine) -> None:
    machine.write(f"analytics: true\nanalytics-posthog-project-api-key: {KEY}\n")
    analytics, _ = machine.resolve()
    assert analytics.status.state == "off"
    assert "you weren't asked" in analytics.status.reason


@needs_root
def test_its_log_gives_way_to_any_other(machine: Machine, tmp_path: Path) -> None:
    machine.write(f"analytics-log: {tmp_path}/machine.jsonl\n")
    log = machine.read().log
    assert log is not None
    assert (log.value, log.source.kind) == (f"{tmp_path}/machine.jsonl", "machine")
    log = machine.read("--analytics-log", "mine.jsonl").log
    assert log is not None
    assert log.source.kind == "flag"


# Its destination is the only one


def set_by(settings: Settings) -> list[str]:
    return [source.kind for source in settings.destination_set_by]


@needs_root
@pytest.mark.parametrize("by", ["flag", "variable", "home", "project", "program"])
def test_its_destination_is_the_only_one(machine: Machine, by: str) -> None:
    path = machine.write(
        f"analytics-posthog-host: {HOST}\nanalytics-posthog-project-api-key: {KEY}\n"
    )
    theirs = {"host": "other.example.com", "project-api-key": "phc_other"}
    argv, variables, program = [], {}, CECLI
    if by == "flag":
        argv = [
            word
            for name, value in theirs.items()
            for word in (f"--analytics-posthog-{name}", value)
        ]
    elif by == "variable":
        variables = {
            f"CECLI_ANALYTICS_POSTHOG_{name.upper().replace('-', '_')}": value
            for name, value in theirs.items()
        }
    elif by == "program":
        program = Program("notes", NOTES.info_url, "1", "phc_other", "other.example.com")
    else:
        lines = "".join(f"analytics-posthog-{name}: {value}\n" for name, value in theirs.items())
        machine.user.write(**{"home" if by == "home" else "folder": lines})
    found = machine.read(*argv, program=program, variables=variables)
    assert found.destination == Destination(HOST, KEY)
    assert set_by(found) == ["machine", "machine"]
    ignored = [
        text for text in found.warnings if "names the only destination on this machine" in text
    ]
    assert len(ignored) == (0 if by == "program" else 2)
    assert all(f" is ignored: analytics-posthog-host in {path}:1 " in text for text in ignored)
    assert not any(KEY in text or "phc_other" in text for text in found.warnings)


@needs_root
def test_a_host_of_its_alone_may_be_given_any_key(machine: Machine) -> None:
    machine.write(f"analytics-posthog-host: {HOST}\n")
    found = machine.read("--analytics-posthog-project-api-key", "phc_mine")
    assert found.destination == Destination(HOST, "phc_mine")
    assert set_by(found) == ["machine", "flag"]


@needs_root
def test_a_key_of_its_alone_leaves_the_programs_host(machine: Machine) -> None:
    machine.write(f"analytics-posthog-project-api-key: {KEY}\n")
    found = machine.read("--analytics-posthog-host", "other.example.com")
    assert found.destination == Destination(CECLI.posthog_host, KEY)


@needs_root
def test_a_yes_to_the_programs_destination_is_none_to_its(machine: Machine) -> None:
    machine.user.agree(Destination(CECLI.posthog_host, None))
    machine.write(f"analytics-posthog-host: {HOST}\nanalytics-posthog-project-api-key: {KEY}\n")
    analytics, _ = machine.resolve("--analytics")
    assert analytics.status.state == "off"
    assert analytics.status.destination == HOST


# Whom it speaks to


@needs_root
def test_every_program_heeds_cecli_s_and_one_of_its_own(machine: Machine) -> None:
    machine.write("analytics: false\n", "notes")
    assert switched(machine.read(program=NOTES)) is False
    assert switched(machine.read()) is None
    machine.path("notes").unlink()
    machine.write("analytics: false\n", "cecli")
    assert switched(machine.read(program=NOTES)) is False
    assert switched(machine.read()) is False


@needs_root
@pytest.mark.parametrize("name", ["cecli", "notes"])
def test_an_off_in_either_of_a_programs_two_files_is_final(machine: Machine, name: str) -> None:
    machine.write("analytics: true\n", "notes")
    machine.write("analytics: true\n", "cecli")
    path = machine.write("analytics: false\n", name)
    found = machine.read("--analytics", program=NOTES)
    assert found.analytics is not None
    assert found.analytics.source.text == f"analytics: false in {path}:1"


@needs_root
def test_a_program_s_own_file_names_its_destination_before_cecli_s(machine: Machine) -> None:
    machine.write(f"analytics-posthog-host: {HOST}\n", "notes")
    machine.write("analytics-posthog-host: all.company.example\n", "cecli")
    assert machine.read(program=NOTES).destination.host == HOST
    assert machine.read().destination.host == "https://all.company.example"


@needs_root
def test_an_off_of_the_machine_leaves_the_records_of_both_alone(machine: Machine) -> None:
    machine.write("analytics-disable: true\n")
    for program in (CECLI, NOTES):
        paths = Paths(str(machine.user.home), program.name)
        ConsentFile(paths).update(lambda record: record.with_answer(CECLI.posthog_host, True))
        analytics, _ = machine.resolve(program=program)
        assert analytics.status.state == "off"
        assert ConsentFile(paths).load().agreed(CECLI.posthog_host)


# When it is heeded


def _linked(path: Path, owner: int = 0, folder_owner: int = 0) -> None:
    elsewhere = path.parents[2] / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    path.rename(elsewhere / "file.yml")
    path.symlink_to(elsewhere / "file.yml")
    os.chown(path, owner, 0, follow_symlinks=False)
    os.chown(elsewhere, folder_owner, 0)


def _linked_twice(path: Path) -> None:
    _linked(path)
    theirs = path.parents[2] / "theirs"
    theirs.mkdir(mode=0o755)
    (theirs / "link.yml").symlink_to(path.readlink())
    path.unlink()
    path.symlink_to("../../theirs/link.yml")
    os.chown(theirs, ANOTHER, 0)


def _folder_linked(path: Path) -> None:
    elsewhere = path.parents[2] / "elsewhere"
    path.parent.rename(elsewhere)
    path.parent.symlink_to(elsewhere)
    os.chown(elsewhere, ANOTHER, 0)


DOUBTS: dict[str, Callable[[Path], object]] = {
    "the file is another's": lambda path: os.chown(path, ANOTHER, 0),
    "the file can be written by all": lambda path: path.chmod(0o666),
    "the file can be written by a group": lambda path: path.chmod(0o664),
    "its folder is another's": lambda path: os.chown(path.parent, ANOTHER, 0),
    "its folder can be written by all": lambda path: path.parent.chmod(0o777),
    "its folder can be written by a group": lambda path: path.parent.chmod(0o775),
    "the folder above can be written by all": lambda path: path.parents[1].chmod(0o777),
    "it is a link of another's": lambda path: _linked(path, owner=ANOTHER),
    "it links into a folder of another's": lambda path: _linked(path, folder_owner=ANOTHER),
    "its folder is a link into one of another's": _folder_linked,
    "it links to a link of another's": _linked_twice,
}


@needs_root
@pytest.mark.parametrize("doubt", DOUBTS)
def test_where_others_can_write_it_only_its_off_counts(machine: Machine, doubt: str) -> None:
    path = machine.write(
        f"analytics: true\n"
        f"analytics-posthog-host: {HOST}\nanalytics-posthog-project-api-key: {KEY}\n"
    )
    DOUBTS[doubt](path)
    found = machine.read("--analytics-posthog-host", "mine.example.com")
    assert found.destination.host == "https://mine.example.com"
    assert found.destination_set_by[0].kind == "flag"
    [warning] = [text for text in found.warnings if "decides nothing but an off" in text]
    assert str(path) in warning
    assert "; mend it: sudo ch" in warning


@needs_root
@pytest.mark.parametrize("doubt", DOUBTS)
@pytest.mark.parametrize(
    "off", ["analytics: false", "no-analytics: true", "analytics-disable: true"]
)
def test_an_off_counts_whoever_has_written_it(machine: Machine, doubt: str, off: str) -> None:
    path = machine.write(f"{off}\n")
    DOUBTS[doubt](path)
    machine.user.write(home="analytics: true\n")
    analytics, told = machine.resolve("--analytics") if "disable" in off else machine.resolve()
    assert analytics.status.state == "off"
    found = machine.read()
    assert found.disable if "disable" in off else switched(found) is not None
    assert "decides nothing but an off" in told


@needs_root
def test_what_is_in_doubt_decides_nothing_else(
    machine: Machine,
) -> None:
    path = machine.write(
        f"analytics: true\nanalytics-posthog-host: {HOST}\nanalytics-log: x.jsonl\n"
    )
    path.chmod(0o666)
    found = machine.read()
    assert len(found.warnings) == 1
    assert found._replace(warnings=()) == Settings()


@needs_root
def test_what_is_in_doubt_and_says_nothing_is_not_worth_a_word(machine: Machine) -> None:
    machine.write("model: gpt-4o\n").chmod(0o666)
    assert machine.read() == Settings()


@pytest.mark.skipif(os.geteuid() == 0, reason="what root writes is root's")
def test_what_another_than_root_has_written_is_in_doubt(machine: Machine) -> None:
    path = machine.write("analytics: true\n")
    found = machine.read()
    assert any(f"{path} doesn't belong to root" in text for text in found.warnings)


@needs_root
@pytest.mark.parametrize("link", ["the file", "its folder"])
def test_a_link_that_root_has_made_is_followed(machine: Machine, link: str) -> None:
    path = machine.write("analytics: false\n")
    if link == "the file":
        _linked(path)
    else:
        elsewhere = path.parents[2] / "elsewhere"
        path.parent.rename(elsewhere)
        path.parent.symlink_to(elsewhere)
    found = machine.read("--analytics")
    assert switched(found) is False
    assert not any("nothing but an off" in text for text in found.warnings)


# When it can't be read


@needs_root
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("analytics: perhaps\n", "'perhaps'"),
        ("analytics-disabled: true\n", "did you mean analytics-disable"),
        ("analytics-posthog-host: http://posthog.company.example\n", "https was expected"),
        ("analytics-posthog-project-api-key: phx_companys_secret\n", "personal API key"),
        ("analytics: true\nanalytics: false\n", "analytics"),
        ("analytics-disable:\n", "analytics-disable"),
        ("[\n", "cecli.conf.yml"),
    ],
)
def test_what_it_holds_and_cannot_be_read_ends_the_parse_with_its_place(
    machine: Machine, text: str, says: str
) -> None:
    path = machine.write(text)
    with pytest.raises(InvalidSettings) as found:
        machine.read()
    message = "\n".join(found.value.problems)
    assert says in message
    assert str(path) in message
    assert "companys_secret" not in message


@needs_root
def test_other_keys_in_it_are_others(machine: Machine) -> None:
    machine.write("model: gpt-4o\nanalytics: false\n")
    found = machine.read()
    assert (switched(found), found.warnings) == (False, ())


def test_where_there_is_none_nothing_is_said(machine: Machine) -> None:
    assert machine.read() == Settings()


@needs_root
def test_what_is_no_file_is_a_problem_and_no_traceback(machine: Machine) -> None:
    machine.path().mkdir(parents=True)
    with pytest.raises(InvalidSettings, match="conf"):
        machine.read()


@needs_root
def test_a_user_who_may_not_read_it_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as base:  # tmp_path lets nobody else in
        os.chmod(base, 0o755)
        monkeypatch.chdir(base)  # the source tree may let nobody else in either
        machine = Machine(Path(base, "etc"), User(Path(base)))
        path = machine.write(f"analytics-posthog-project-api-key: {KEY}\n")
        machine.read()  # loads what another user couldn't
        path.chmod(0o600)
        os.seteuid(ANOTHER)
        try:
            with pytest.raises(InvalidSettings, match="permission denied") as found:
                machine.read()
        finally:
            os.seteuid(0)
        assert str(path) in str(found.value)


@needs_root
def test_the_parsed_arguments_say_what_the_owner_says(machine: Machine) -> None:
    machine.write(f"analytics: false\nanalytics-posthog-host: {HOST}\n")
    parser = machine.parser()
    args: argparse.Namespace = parser.parse_args(["--analytics"], env_vars=machine.user.environ)
    assert args.analytics is False
    assert args.analytics_posthog_host == HOST
