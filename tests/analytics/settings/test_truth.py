"""Whatever is said, by whomever: the namespace, the reports and the session never disagree."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import Any

import configargparse
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cecli.analytics import Program, add_arguments, resolve
from cecli.analytics.consent.file import ConsentFile
from cecli.analytics.registration import parsed
from cecli.analytics.settings.namespace import values, winners
from cecli.args import ArgumentParser
from tools.user import DEFAULT, User

CECLI = Program("cecli", "https://notes.example", "1.0", "phc_own")
KEY, HOST = "analytics-posthog-project-api-key", "analytics-posthog-host"
SECRET = "0123456789abcdef"
SWITCHES = ("analytics", "no-analytics", "analytics-disable")
FILES = ("--config", "folder", "root", "home")
SOURCES = ("flag", "own", "variable", *FILES)
"""Who can say something; own are the process's variables, where the parser reads others."""

YES, NO = ("true", "yes", "1"), ("false", "off")

_switch = st.tuples(
    st.sampled_from([*SWITCHES[:1] * 5, *SWITCHES]),
    st.sampled_from(["true", "true", "false", "off", "yes", "1"]),
)
_text = st.sampled_from(
    [
        ("analytics-log", "events.jsonl"),
        ("analytics-log", "~/events.jsonl"),
        (KEY, f"phc_{SECRET}"),
        (HOST, "https://posthog.example.com"),
    ]
)
_bad = st.sampled_from(
    [
        *((switch, value) for switch in SWITCHES for value in ("maybe", f"phc_{SECRET}", "[true]")),
        (KEY, f"phx_{SECRET}"),
        (KEY, f"phc_{SECRET} phc_{SECRET}"),
        (HOST, f"http://phc_{SECRET}.example.com"),
        ("no-analytcs", "true"),
        ("analytics-lgo", "events.jsonl"),
    ]
)
_good = st.lists(st.one_of(_switch, _switch, _text), max_size=2, unique_by=lambda pair: pair[0])
_any = st.lists(st.one_of(_switch, _text, _bad), max_size=2)


def _sessions(said: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({}, optional=dict.fromkeys(SOURCES, said))


Session = dict[str, list[tuple[str, str]]]


@pytest.fixture
def agreed(user: User, monkeypatch: pytest.MonkeyPatch) -> User:
    """Return a user who has agreed, in a folder of a project."""
    ConsentFile(user.paths).update(lambda record: record.with_answer(DEFAULT.id, True))
    monkeypatch.setenv("HOME", str(user.home))
    monkeypatch.chdir(user.folder)
    return user


def words(said: list[tuple[str, str]]) -> Iterator[str]:
    for option, value in said:
        if option not in SWITCHES:
            yield f"--{option}={value}"
        elif value in ("true", "yes", "1"):
            yield f"--{option}"
        elif value not in ("false", "off"):
            yield f"--{option}={value}"


def variables(said: list[tuple[str, str]]) -> dict[str, str]:
    return {"CECLI_" + option.replace("-", "_").upper(): value for option, value in said}


def must_be_off(session: Session) -> bool:
    """Tell whether somebody disables, or the strongest word of the user's own is an off."""
    for said in map(list, session.values()):
        if any(option == "analytics-disable" and value in YES for option, value in said):
            return True
    for source in ("flag", "own", "variable", "--config", "home"):
        said = session.get(source, [])
        if ("no-analytics", "true") in said or any(
            (option == "analytics" and value in NO) or (option == "no-analytics" and value in YES)
            for option, value in said
        ):
            return True
        if source != "own" and any(
            option == "analytics" and value in YES for option, value in said
        ):
            return False
    return False


def made(user: User, own_parser: bool) -> Any:
    if own_parser:
        parser: Any = ArgumentParser(environ=user.environ, folder=str(user.folder))
    else:
        parser = configargparse.ArgumentParser(
            config_file_parser_class=configargparse.YAMLConfigFileParser,
            default_config_files=[str(user.config(file)) for file in ("home", "root", "folder")],
            args_for_setting_config_path=["--config"],
        )
    add_arguments(parser, CECLI)
    return parser


def as_said(session: Session) -> Session:
    """Return what is heard: a flag has no false, a variable only one value."""
    return {
        source: [
            pair
            for pair in (dict(said).items() if source in ("own", "variable") else said)
            if source != "flag" or pair[0] not in SWITCHES or pair[1] not in NO
        ]
        for source, said in session.items()
    }


def reported(parser: Any) -> set[tuple[str, str]]:
    """Return under which report each of our options stands, apart from the command line."""
    return {
        (report.partition("|")[2] or report, entry)
        for report, said in parser.get_source_to_settings_dict().items()
        for entry, (action, _) in said.items()
        if action is not None and action.dest.startswith("analytics")
    }


# configargparse before 1.8 leaves files open where a parse ends.
@pytest.mark.filterwarnings("ignore:unclosed file", "ignore:Exception ignored in")
@settings(max_examples=500)
@given(
    session=st.one_of(_sessions(_good), _sessions(_good), _sessions(_any)), own_parser=st.booleans()
)
def test_nothing_disagrees_nothing_is_on_in_doubt_and_no_key_is_shown(
    agreed: User, session: Session, own_parser: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreed.consent.unlink(missing_ok=True)
    ConsentFile(agreed.paths).update(lambda record: record.with_answer(DEFAULT.id, True))
    for file in FILES:
        lines = [f"{option}: {value}\n" for option, value in session.get(file, [])]
        agreed.config(file).write_text("".join(lines))
    line = [*words(session.get("flag", [])), "--config", str(agreed.named)]
    given = {"HOME": str(agreed.home), **variables(session.get("variable", []))}
    parser = made(agreed, own_parser)
    told = io.StringIO()
    with contextlib.redirect_stderr(told), contextlib.redirect_stdout(told):
        args = None
        with monkeypatch.context() as patch, contextlib.suppress(SystemExit):
            for name, value in variables(session.get("own", [])).items():
                patch.setenv(name, value)
            args = parser.parse_args(line, env_vars=given)
        if args:
            told.write(parser.format_values() + repr(parser.get_source_to_settings_dict()))
            agrees(parser, args)
            assert args.analytics is False or not must_be_off(as_said(session))
            with contextlib.suppress(SystemExit), resolve(args, parser) as analytics:
                status = analytics.status
                assert status.state != "on" or args.analytics is not False
                assert status.destination == (args.analytics_posthog_host or CECLI.posthog_host)
                assert not status.log or status.log.endswith(args.analytics_log.lstrip("~"))
                told.write(repr(status))
    for prefix in ("phc_", "phx_"):
        assert prefix + SECRET not in told.getvalue()


def agrees(parser: Any, args: Any) -> None:
    """Check that the namespace and the reports say what the settings do."""
    found = parsed(parser).settings
    assert {dest: getattr(args, dest) for dest in values(found)} == values(found)
    sources = [each.source for each in winners(found).values()]
    expected = {
        (each.place, each.place if each.kind == "variable" else each.option)
        for each in sources
        if each.place
    }
    named = {
        ("environment_variables" if place == entry else place, entry) for place, entry in expected
    }
    assert reported(parser) == named
    typed = parser.get_source_to_settings_dict()["command_line"][""][1]
    for each in sources:
        assert each.kind != "flag" or any(each.option in word for word in typed)
