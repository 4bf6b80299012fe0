from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from cecli.analytics import Analytics, add_arguments, resolve
from cecli.analytics.catalogue.declaration import Catalogue
from cecli.analytics.consent.file import ConsentFile
from cecli.analytics.consent.record import ConsentRecord
from cecli.analytics.destination import Destination
from cecli.analytics.program import DEFAULT_HOST
from cecli.analytics.spool.writer import Writer
from cecli.args import ArgumentParser
from tests.support import PROGRAM
from tools.user import User


def resolved(user: User, *argv: str, variables: Mapping[str, str] | None = None) -> Analytics:
    environ = {**user.environ, **(variables or {})}
    parser = ArgumentParser(environ=environ, folder=str(user.folder))
    add_arguments(parser)
    return resolve(parser.parse_args(list(argv), env_vars=environ), parser)


@pytest.fixture(autouse=True)
def folder(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(user.folder)


def events(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


@pytest.mark.parametrize("state", ["new", "agreed", "disabled", "off", "unreadable"])
def test_the_log_works_whatever_was_decided(user: User, state: str) -> None:
    if state == "agreed":
        user.agree()
    elif state == "disabled":
        ConsentFile(user.paths).disable()
    elif state == "unreadable":
        user.consent.parent.mkdir()
        user.consent.write_text("{")
    argv = ["--no-analytics"] if state == "off" else []
    with resolved(user, *argv, "--analytics-log", "log.jsonl") as recorder:
        recorder.event("launched")
    (event,) = events(user.folder / "log.jsonl")
    assert event["event"] == "launched"


def test_an_agreed_session_logs_the_stored_id(user: User) -> None:
    user_id = user.agree()
    with resolved(user, "--analytics-log", "log.jsonl") as recorder:
        recorder.event("launched")
    assert events(user.folder / "log.jsonl")[0]["user_id"] == user_id


def test_a_session_of_a_user_without_an_id_logs_one_of_its_own(user: User) -> None:
    for _ in range(2):
        with resolved(user, "--analytics-log", "log.jsonl") as recorder:
            recorder.event("launched")
            recorder.event("exit", reason="completed")
    first, second, third, fourth = (e["user_id"] for e in events(user.folder / "log.jsonl"))
    assert first == second != third == fourth
    assert not user.consent.parent.exists()


@pytest.mark.parametrize("name", ["analytics.json", "analytics-spool/x", "analytics-spool"])
def test_a_log_takes_the_place_of_nothing_that_analytics_keeps(
    user: User, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    user.agree()
    before = user.consent.read_bytes()
    with pytest.raises(SystemExit) as ended:
        resolved(user, "--analytics-log", str(user.consent.parent / name))
    assert ended.value.code == 2
    assert f"~/.cecli/{name} can't be opened: analytics keeps something else there" in (
        capsys.readouterr().err
    )
    assert user.consent.read_bytes() == before


def test_a_log_that_cant_be_opened_ends_the_start_with_its_source(
    user: User, capsys: pytest.CaptureFixture[str]
) -> None:
    (user.folder / "folder").mkdir()
    with pytest.raises(SystemExit) as caught:
        resolved(user, variables={"CECLI_ANALYTICS_LOG": "folder"})
    assert caught.value.code == 2
    assert capsys.readouterr().err == (
        "cecli: error: CECLI_ANALYTICS_LOG (environment): ~/projects/repository/src/folder "
        "can't be opened: is a directory\n"
    )
    assert not user.consent.parent.exists()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_log_that_fails_later_is_told_once_and_the_session_goes_on(
    user: User, capsys: pytest.CaptureFixture[str]
) -> None:
    with resolved(user, "--analytics-log", "/dev/full") as recorder:
        for _ in range(3):
            recorder.event("launched")
    assert capsys.readouterr().err == (
        "cecli: the analytics log /dev/full can't be written: no space left on device; "
        "nothing more is collected in this session\n"
    )


def test_a_disable_on_the_command_line_says_how_to_undo_it_and_exits_0(
    user: User, capsys: pytest.CaptureFixture[str]
) -> None:
    user.agree()
    with pytest.raises(SystemExit) as caught:
        resolved(user, "--analytics-disable")
    assert caught.value.code == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert shown.out.count("\n") == 1
    assert "cecli-analytics enable asks you again" in shown.out
    assert ConsentFile(user.paths).load() == ConsentRecord(
        asked_opt_in=True, permanently_disable=True
    )


@pytest.mark.parametrize("source", ["variable", "home", "named"])
def test_a_disable_from_elsewhere_is_stored_told_once_and_the_session_goes_on(
    user: User, capsys: pytest.CaptureFixture[str], source: str
) -> None:
    user.agree()
    argv, variables = [], {}
    if source == "variable":
        variables = {"CECLI_ANALYTICS_DISABLE": "1"}
    else:
        user.write(**{source: "analytics-disable: true\n"})
        argv = ["--config", str(user.named)] if source == "named" else []
    for _ in range(2):
        assert resolved(user, *argv, variables=variables).status.state == "off"
    assert ConsentFile(user.paths).load().permanently_disable
    shown = capsys.readouterr()
    assert (shown.out, shown.err.count("permanently disabled")) == ("", 1)


@pytest.mark.parametrize("source", ["root", "folder"])
def test_a_disable_of_a_project_is_for_its_sessions_and_not_stored(user: User, source: str) -> None:
    user.agree()
    user.write(**{source: "analytics-disable: true\n"})
    status = resolved(user, "--analytics").status
    assert status.state == "off"
    assert status.reason.startswith("analytics-disable: true in ~/projects/repository")
    assert not ConsentFile(user.paths).load().permanently_disable


def test_a_disable_that_cant_be_stored_exits_1_and_says_so(
    user: User, capsys: pytest.CaptureFixture[str]
) -> None:
    user.consent.parent.write_text("")
    with pytest.raises(SystemExit) as caught:
        resolved(user, "--analytics-disable")
    assert caught.value.code == 1
    assert "not for good" in capsys.readouterr().err


def test_a_disable_replaces_a_record_that_cant_be_read(user: User) -> None:
    user.consent.parent.mkdir()
    user.consent.write_text("{")
    with pytest.raises(SystemExit):
        resolved(user, "--analytics-disable")
    assert ConsentFile(user.paths).load().permanently_disable


@pytest.mark.parametrize("home", ["", "relative"])
def test_without_a_home_analytics_is_off(
    user: User, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    monkeypatch.setenv("HOME", home)
    monkeypatch.setenv("USERPROFILE", home)
    with resolved(user, "--analytics-log", "x.jsonl") as recorder:
        assert recorder.status.state == "log only"
        assert recorder.status.consent is None


def test_variables_that_the_program_read_name_neither_another_home_nor_a_proxy(
    user: User, tmp_path: Path
) -> None:
    """As a project's .env may hold them."""
    planted = User(tmp_path / "planted")
    planted.agree(Destination(DEFAULT_HOST, "phc_x"))
    ConsentFile(user.paths).disable()
    variables = {
        **planted.environ,
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "REQUESTS_CA_BUNDLE": "theirs.pem",
        "CECLI_ANALYTICS_POSTHOG_PROJECT_API_KEY": "phc_x",
    }
    recorder = resolved(user, variables=variables)
    assert recorder.status[:2] == ("off", "it is permanently disabled")
    assert recorder.status.consent == user.paths.consent


def test_a_session_without_a_project_key_says_that_nothing_is_sent(user: User) -> None:
    user.agree()
    assert resolved(user).status[:2] == (
        "off",
        "you agreed, but there is no PostHog project key to send with",
    )


def test_a_flag_without_effect_is_told(user: User, capsys: pytest.CaptureFixture[str]) -> None:
    resolved(user, "--analytics", variables={"DO_NOT_TRACK": "1"})
    assert capsys.readouterr().err == (
        "cecli: --analytics has no effect: DO_NOT_TRACK is set (environment)\n"
    )


def test_a_folder_that_was_deleted_is_no_obstacle(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = user.folder / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert resolved(user).status.state == "off"


def test_a_closed_recorder_drops_events_and_may_be_closed_again(user: User) -> None:
    recorder = resolved(user, "--analytics-log", "log.jsonl")
    recorder.event("launched")
    recorder.close()
    recorder.close()
    recorder.event("exit", reason="completed")
    assert len(events(user.folder / "log.jsonl")) == 1


def spooled(user: User) -> Path:
    """Queue an event, as an earlier session has."""
    writer = Writer(str(user.home / ".cecli" / "analytics-spool"), Destination(DEFAULT_HOST, "k"))
    writer.append(b"{}\n")
    writer.hand_over()
    return user.home / ".cecli" / "analytics-spool"


def test_a_disable_that_cant_be_stored_empties_the_queue_all_the_same(user: User) -> None:
    folder = spooled(user)
    user.consent.mkdir()  # no file can be put in its place
    with pytest.raises(SystemExit) as caught:
        resolved(user, "--analytics-disable")
    assert caught.value.code == 1
    assert not folder.exists()


def test_what_was_queued_after_a_disable_is_emptied_by_the_next_start(user: User) -> None:
    ConsentFile(user.paths).disable()
    folder = spooled(user)
    resolved(user)
    assert not folder.exists()


def test_streams_that_a_program_has_put_in_place_are_used_or_passed_over(user: User) -> None:
    class Tee:
        def write(self, text: str) -> int:
            return len(text)

    environ = {**user.environ}
    parser = ArgumentParser(environ=environ, folder=str(user.folder))
    add_arguments(parser)
    args = parser.parse_args(["--analytics"], env_vars=environ)
    told = io.StringIO()
    tee: Any = Tee()
    assert resolve(args, parser, stdin=tee, stdout=tee, stderr=told).status.state == "off"
    assert "no terminal" in told.getvalue()


def test_a_disable_is_told_on_the_stream_that_was_given(user: User) -> None:
    parser = ArgumentParser(environ=user.environ, folder=str(user.folder))
    add_arguments(parser)
    args = parser.parse_args(["--analytics-disable"], env_vars=user.environ)
    told = io.StringIO()
    with pytest.raises(SystemExit):
        resolve(args, parser, stdout=told)
    assert "permanently disabled" in told.getvalue()


def test_one_catalogue_serves_two_parsers(user: User) -> None:
    catalogue = Catalogue()
    for option in ("--one", "--two"):
        parser = ArgumentParser(environ=user.environ, folder=str(user.folder))
        add_arguments(parser)
        parser.add_argument(option)
        args = parser.parse_args(["--analytics-log", "log.jsonl"], env_vars=user.environ)
        resolve(args, parser, catalogue=catalogue).close()


def test_a_parser_that_has_not_parsed_is_a_mistake_of_the_program(user: User) -> None:
    with pytest.raises(TypeError, match="call parse_args first"):
        resolve(argparse.Namespace(), user.parser())


@pytest.mark.parametrize("catalogue", ["x", [], 0])
def test_what_is_no_catalogue_is_a_mistake_of_the_program(user: User, catalogue: Catalogue) -> None:
    parser = user.parser()
    with pytest.raises(TypeError, match="resolve needs a Catalogue, not "):
        resolve(parser.parse_args([]), parser, catalogue=catalogue)


def test_a_relative_log_in_a_folder_that_was_deleted_is_refused(
    user: User, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = user.folder / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(SystemExit) as caught:
        resolved(user, "--analytics-log", "x.jsonl")
    assert caught.value.code == 2
    assert "the current folder no longer exists" in capsys.readouterr().err


@pytest.mark.parametrize("agreed", [False, True])
@pytest.mark.parametrize("argv", [[], ["--analytics"]])
def test_a_session_has_a_queue_only_if_the_user_has_agreed(
    user: User, argv: list[str], agreed: bool
) -> None:
    if agreed:
        user.agree(Destination("http://127.0.0.1:9", "phc_x"))
    variables = {
        "CECLI_ANALYTICS_POSTHOG_HOST": "http://127.0.0.1:9",
        "CECLI_ANALYTICS_POSTHOG_PROJECT_API_KEY": "phc_x",
        "CECLI_DELIVERER": "x",  # starts no deliverer, which would have nobody to talk to
    }
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, *argv],
        cwd=user.folder,
        env=user.process_environ(variables),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout == ("on\n" if agreed else "off\n")
    assert (user.home / ".cecli" / "analytics-spool").exists() is agreed


# Whose log is written when

ELSEWHERE = Destination("http://127.0.0.1:9", "phc_x")
DELIVERABLE = {
    "CECLI_ANALYTICS_POSTHOG_HOST": ELSEWHERE.host,
    "CECLI_ANALYTICS_POSTHOG_PROJECT_API_KEY": str(ELSEWHERE.key),
    "CECLI_DELIVERER": "x",  # starts no deliverer, which would have nobody to talk to
}
OFF = {
    "a flag": (["--no-analytics"], {}),
    "DO_NOT_TRACK": ([], {"DO_NOT_TRACK": "1"}),
    "a disable": ([], {}),
    "a variable that disables": ([], {"CECLI_ANALYTICS_DISABLE": "1"}),
    "no answer": ([], {}),
    "no key": ([], {"CECLI_ANALYTICS_POSTHOG_PROJECT_API_KEY": ""}),
}
"""Why a session isn't on: its arguments and variables."""


def session(user: User, why: str | None) -> subprocess.CompletedProcess[str]:
    """Run a session that is on, or off for that reason."""
    if why != "no answer":
        user.agree(Destination(ELSEWHERE.host, None) if why == "no key" else ELSEWHERE)
    if why == "a disable":
        ConsentFile(user.paths).disable()
    argv, variables = OFF[why] if why else ([], {})
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *argv],
        cwd=user.folder,
        env=user.process_environ({**DELIVERABLE, **variables}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )


@pytest.mark.parametrize("source", ["folder", "root"])
@pytest.mark.parametrize("why", OFF)
def test_a_projects_log_is_not_written_in_a_session_that_isnt_on(
    user: User, why: str, source: str
) -> None:
    user.write(**{source: "analytics-log: log.jsonl\n"})
    ended = session(user, why)
    assert ended.stdout == "off\n"
    assert "log" not in ended.stderr
    assert list(user.root.rglob("*.jsonl")) == []


@pytest.mark.parametrize("source", ["folder", "root"])
def test_a_projects_log_is_written_in_a_session_that_is_on_and_said_once(
    user: User, source: str
) -> None:
    user.write(**{source: "analytics-log: log.jsonl\n"})
    ended = session(user, None)
    assert ended.stdout == "on\n"
    assert len(events(user.folder / "log.jsonl")) == 10
    where = "~/projects/repository"
    config = {"folder": "src/.cecli.conf.yml", "root": ".cecli.conf.yml"}[source]
    assert ended.stderr == (
        f"cecli: analytics is also written to {where}/src/log.jsonl, "
        f"as analytics-log in {where}/{config}:1 says\n"
    )


def a_fifo(log: Path) -> None:
    os.mkfifo(log)


def a_link_out(log: Path) -> None:
    (log.parent / "other.jsonl").touch()
    log.symlink_to("other.jsonl")


def a_file_for_all(log: Path) -> None:
    log.touch()
    log.chmod(0o666)


@pytest.mark.parametrize("obstacle", [a_fifo, a_link_out, a_file_for_all])
def test_a_projects_log_that_cant_be_the_users_alone_ends_no_session(
    user: User, obstacle: Callable[[Path], None]
) -> None:
    user.write(home="analytics-log: ~/mine.jsonl\n", folder="analytics-log: log.jsonl\n")
    obstacle(user.folder / "log.jsonl")
    ended = session(user, None)
    assert (ended.returncode, ended.stdout) == (0, "on\n")
    assert "warning: analytics-log in" in ended.stderr
    assert "log.jsonl can't be opened" in ended.stderr
    assert len(events(user.home / "mine.jsonl")) == 10


@pytest.mark.parametrize("why", [None, *OFF])
def test_the_users_own_log_works_always_and_without_a_word(user: User, why: str | None) -> None:
    user.write(home="analytics-log: ~/mine.jsonl\n")
    ended = session(user, why)
    assert ended.stdout == ("log only\n" if why else "on\n")
    assert "mine.jsonl" not in ended.stderr
    assert len(events(user.home / "mine.jsonl")) == 10


@pytest.mark.parametrize("why", OFF)
def test_a_projects_log_doesnt_stand_in_the_way_of_the_users(user: User, why: str) -> None:
    user.write(home="analytics-log: ~/mine.jsonl\n", folder="analytics-log: log.jsonl\n")
    session(user, why)
    assert len(events(user.home / "mine.jsonl")) == 10
    assert not (user.folder / "log.jsonl").exists()


def test_the_id_in_a_log_after_a_disable_is_the_sessions_own_and_is_not_stored(user: User) -> None:
    agreed = user.agree()
    ConsentFile(user.paths).disable()
    for _ in range(2):
        with resolved(user, "--analytics-log", "log.jsonl") as recorder:
            recorder.event("launched")
    logged = {str(event["user_id"]) for event in events(user.folder / "log.jsonl")}
    kept = b"".join(
        path.read_bytes() for path in (user.home / ".cecli").rglob("*") if path.is_file()
    )
    assert len(logged) == 2
    assert agreed not in logged
    assert not any(user_id.encode() in kept for user_id in logged)


@pytest.mark.parametrize("words", ["", "[]"])
def test_a_program_without_a_command_line_has_analytics_all_the_same(
    user: User, words: str
) -> None:
    code = (
        "import sys; del sys.argv\n"
        "import configargparse\n"
        "from cecli.analytics import add_arguments, resolve\n"
        "parser = configargparse.ArgumentParser(prog='notes')\n"
        "add_arguments(parser)\n"
        f"with resolve(parser.parse_args({words}), parser, strict=True) as analytics:\n"
        "    analytics.event('launched')\n"
        "    print(analytics.status.state)\n"
    )
    variables = {"CECLI_ANALYTICS_LOG": str(user.home / "log.jsonl")}
    ended = user.run(sys.executable, "-c", code, variables=variables)
    assert (ended.returncode, ended.stdout) == (0, "log only\n"), ended.stderr
