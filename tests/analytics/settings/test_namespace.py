"""One table: what is said of an option, by whom, and where a parser's user meets it."""

from __future__ import annotations

import io
import json
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import configargparse
import pytest

from cecli.analytics import Program, add_arguments, resolve
from cecli.analytics.consent.file import ConsentFile
from cecli.analytics.paths import Paths
from cecli.analytics.program import DEFAULT_HOST
from cecli.analytics.registration import parsed
from cecli.analytics.settings.namespace import values
from cecli.args import ArgumentParser
from tests.support import needs_root
from tools.user import DEFAULT, User

KEY, HOST = "analytics-posthog-project-api-key", "analytics-posthog-host"
SECRET = "phc_0123456789abcdef"

CELLS: dict[tuple[str, str], dict[str, object]] = {
    ("analytics", "true"): {"analytics": True},
    ("analytics", "false"): {"analytics": False},
    ("no-analytics", "true"): {"analytics": False},
    ("analytics-disable", "true"): {"analytics": False, "analytics_disable": True},
    ("analytics-log", "events.jsonl"): {"analytics_log": "events.jsonl"},
    (KEY, SECRET): {KEY.replace("-", "_"): SECRET},
    (HOST, "https://posthog.example.com"): {HOST.replace("-", "_"): "https://posthog.example.com"},
}
"""Each option with a value, and what the namespace holds then."""

NOTHING: dict[str, object] = {
    "analytics": None,
    "analytics_disable": False,
    "analytics_log": None,
    "analytics_posthog_project_api_key": None,
    "analytics_posthog_host": None,
}
"""What the namespace holds where nobody said anything."""

FILES = ("home", "root", "folder", "--config", "machine")
SOURCES = ("flag", "variable", "env_vars=", *FILES[:-1], "contents")
PROJECTS = ("root", "folder", "contents")


class Kind(NamedTuple):
    """A parser of some making, and how a file of its kind is written."""

    prefix: str
    make: Callable[[User, Program], Any]
    line: Callable[[str, str], str]


class Toml(configargparse.TomlConfigParser):  # type: ignore[misc]
    """Writes as well: configargparse's own needs a package for that."""

    def serialize(self, items: Mapping[str, object]) -> str:
        lines = [f"{name} = {json.dumps(value)}\n" for name, value in items.items()]
        return "".join(["[one]\n", *lines])


class Ini(configargparse.IniConfigParser):  # type: ignore[misc]
    """Writes as well: configargparse's own doesn't before 1.8."""

    def serialize(self, items: Mapping[str, object]) -> str:
        return "".join(["[one]\n", *(f"{name} = {value}\n" for name, value in items.items())])


def of_cecli(user: User, program: Program) -> Any:
    parser = ArgumentParser(environ=user.environ, folder=str(user.folder))
    parser.add_argument("--write", is_write_out_config_file_arg=True)
    return parser


def of_a_program(reader: Callable[[], Any]) -> Callable[[User, Program], Any]:
    def make(user: User, program: Program) -> Any:
        made = reader()
        return configargparse.ArgumentParser(
            prog="notes",
            config_file_parser_class=made,
            default_config_files=[str(user.config(file)) for file in ("home", "root", "folder")],
            args_for_setting_config_path=["--config"],
            args_for_writing_out_config_file=["--write"],
        )

    return make


def toml() -> Any:
    made = Toml(["one"])
    try:
        made.parse(io.StringIO(""))
    except (ImportError, configargparse.ConfigFileParserException):
        pytest.skip("this configargparse, on this Python, needs a package to read TOML")
    return made


KINDS = {
    "cecli's": Kind("CECLI_", of_cecli, lambda name, value: f"{name}: {value}\n"),
    "YAML": Kind(
        "NOTES_",
        of_a_program(lambda: configargparse.YAMLConfigFileParser),
        lambda name, value: f"{name}: {value}\n",
    ),
    "lines": Kind(
        "NOTES_",
        of_a_program(lambda: configargparse.DefaultConfigFileParser),
        lambda name, value: f"{name} = {value}\n",
    ),
    "ini": Kind(
        "NOTES_",
        of_a_program(lambda: Ini(["one"], split_ml_text_to_list=False)),
        lambda name, value: f"[one]\n{name} = {value}\n",
    ),
    "TOML": Kind("NOTES_", of_a_program(toml), lambda name, value: f'[one]\n{name} = "{value}"\n'),
}


class Table:
    """A program's user, and what a source says of an option."""

    def __init__(self, user: User, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.user, self.kind, self.monkeypatch = user, KINDS[kind], monkeypatch
        name = "cecli" if kind == "cecli's" else "notes"
        self.program = Program(name, "https://notes.example", "1.0", "phc_own")
        self.machine = user.home.parent / "etc"
        self.machine.mkdir()
        ConsentFile(Paths(str(user.home), name)).update(
            lambda record: record.with_answer(DEFAULT.id, True)
        )
        monkeypatch.setenv("HOME", str(user.home))
        monkeypatch.chdir(user.folder)

    def parser(self) -> Any:
        """Return a parser with our options."""
        parser = self.kind.make(self.user, self.program)
        add_arguments(parser, self.program)
        parser._machine_folder = str(self.machine)
        return parser

    def said(self, source: str, option: str, value: str) -> tuple[list[str], dict[str, Any], str]:
        """Let a source say it; return the words, what else ``parse_args`` gets, and its report."""
        variable = self.kind.prefix + option.replace("-", "_").upper()
        text = self.kind.line(option, value)
        if source == "flag":
            words = [f"--{option}"] if value == "true" else [f"--{option}", value]
            return words, {}, "command_line"
        if source == "variable":
            self.monkeypatch.setenv(variable, value)
            return [], {}, "environment_variables"
        if source == "env_vars=":
            home = {"HOME": str(self.user.home)}
            return [], {"env_vars": {variable: value, **home}}, "environment_variables"
        if source == "contents":
            return [], {"config_file_contents": text}, "config_file|method arg"
        if source == "machine":
            file = self.machine / self.program.name / f"{self.program.name}.conf.yml"
            file.parent.mkdir()
            text = f"{option}: {value}\n"
        else:
            file = self.user.config(source)
        file.write_text(text)
        words = ["--config", str(file)] if source == "--config" else []
        return words, {}, f"config_file|{file}"


@pytest.fixture(params=KINDS)
def table(request: pytest.FixtureRequest, user: User, monkeypatch: pytest.MonkeyPatch) -> Table:
    """Return the table for a kind of parser."""
    return Table(user, request.param, monkeypatch)


SAID = [
    pytest.param(source, option, value, id=f"{source}, {option}: {value[:8]}")
    for source in SOURCES
    for option, value in CELLS
    if (source, value) != ("flag", "false")
] + [
    pytest.param("machine", option, value, id=f"machine, {option}: {value[:8]}", marks=needs_root)
    for option, value in CELLS
]


def ours(namespace: object) -> dict[str, object]:
    return {name: value for name, value in vars(namespace).items() if name in NOTHING}


def expected(source: str, option: str, value: str) -> dict[str, object]:
    found = {**NOTHING, **CELLS[option, value]}
    if source in (*PROJECTS, "machine"):
        found["analytics_disable"] = False  # it holds there, and is nothing of the user's own
    return found


@pytest.mark.parametrize(("source", "option", "value"), SAID)
def test_what_is_said_is_the_same_wherever_it_is_met(
    table: Table, source: str, option: str, value: str
) -> None:
    words, given, report = table.said(source, option, value)
    parser = table.parser()
    args = parser.parse_args(words, **given)
    merged = expected(source, option, value)
    # The namespace
    assert ours(args) == merged
    # The settings
    settings = parsed(parser).settings
    assert values(settings) == merged
    # The parser's reports
    reports = parser.get_source_to_settings_dict()
    shown = "phc_...cdef" if option == KEY else value
    where = parser.format_values()
    if report == "command_line":
        assert f"Command Line Args: {' '.join(words).replace(SECRET, shown)}" in " ".join(
            where.split()
        ).replace("Args:  ", "Args: ")
        assert reports.keys() == {"command_line"}
    else:
        variable = table.kind.prefix + option.replace("-", "_").upper()
        entry = variable if report == "environment_variables" else option
        action, reported = reports[report][entry]
        assert (f"--{option}" in action.option_strings, reported) == (True, shown)
        assert f"  {entry + ':':<19}{shown}\n" in where
        named = {key for report in reports.values() for key in report}
        assert named <= {entry, "", "--config", "config"}
    assert SECRET not in where + repr(reports)
    # The session
    if (source, option) == ("flag", "analytics-disable"):
        with pytest.raises(SystemExit, match="0"):
            resolve(args, parser)
        return
    with resolve(args, parser) as analytics:
        status = analytics.status
    off = merged["analytics"] is False or option in (KEY, HOST)
    assert status.state == ("off" if off else "on")
    log = merged["analytics_log"]
    assert status.log == (log and str(table.user.folder / str(log)))
    assert status.destination == (merged["analytics_posthog_host"] or DEFAULT_HOST)


@pytest.mark.parametrize(("source", "option", "value"), SAID)
def test_a_config_file_that_is_written_gives_the_same(
    table: Table,
    source: str,
    option: str,
    value: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = tmp_path / "written.yml"
    words, given, _ = table.said(source, option, value)
    with pytest.raises(SystemExit) as ended:
        table.parser().parse_args([*words, "--write", str(written)], **given)
    assert ended.value.code == 0
    monkeypatch.delenv(table.kind.prefix + option.replace("-", "_").upper(), raising=False)
    for file in ("home", "root", "folder"):
        table.user.config(file).unlink(missing_ok=True)
    parser = table.parser()
    parser._machine_folder = str(tmp_path)
    args = parser.parse_args(["--config", str(written)])
    assert ours(args) == expected(source, option, value)
    assert values(parsed(parser).settings) == expected(source, option, value)


def test_nothing_said_is_nothing_shown(table: Table) -> None:
    parser = table.parser()
    assert ours(parser.parse_args([])) == NOTHING
    assert parser.format_values() == ""
    assert parser.get_source_to_settings_dict() == {}


def test_what_cecli_writes_is_for_its_user_alone(user: User, tmp_path: Path) -> None:
    written = tmp_path / "written.yml"
    parser = user.parser()
    namespace = parser.parse_args([f"--{KEY}", SECRET], env_vars=user.environ)
    parser.write_config_file(namespace, [str(written)])
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert written.read_text() == f"{KEY}: {SECRET}\n"


def test_what_cecli_cant_write_is_told_in_a_sentence(
    user: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = user.parser()
    namespace = parser.parse_args([], env_vars=user.environ)
    with pytest.raises(SystemExit, match="2"):
        parser.write_config_file(namespace, [str(tmp_path / "gone" / "written.yml")])
    assert "written.yml for writing" in capsys.readouterr().err
