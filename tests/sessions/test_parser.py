"""The parser of the command, with a session and without."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cecli.analytics import add_arguments, resolve
from cecli.analytics.settings.options import BY_NAME, OPTIONS
from cecli.sessions.parser import SessionParser
from tests.sessions.sessions import needs_aider
from tools.user import PATIENCE, User


def told(user: User, program: str, *argv: str, **variables: str) -> list[str]:
    """Return the lines that a program of its own prints."""
    return subprocess.run(
        [sys.executable, "-c", program, *argv],
        cwd=user.folder,
        env=user.process_environ(variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        timeout=PATIENCE,
        check=True,
    ).stdout.splitlines()


FINDER = """
import sys
class Finder:
    def find_spec(self, name, *_):
        print("looked for") if name == "aider" else None
sys.meta_path.insert(0, Finder())
from cecli.main import main
main()
"""


@pytest.mark.parametrize(
    ("argv", "looks"),
    [(["--version"], False), (["--analytics-disable"], False), (["--no-analytics"], True)],
)
def test_a_session_is_looked_for_only_where_one_may_run(
    user: User, argv: list[str], looks: bool
) -> None:
    if looks:
        argv = [*argv, "--help"]  # which ends before a session begins
    assert ("looked for" in told(user, FINDER, *argv)) is looks


SOURCES = """
from cecli.sessions.parser import SessionParser
parser = SessionParser()
parser.add_session_options()
parser.parse_args([])
sources = parser.get_source_to_settings_dict()
print(*sources["environment_variables"])
print(*(key for name in sources if name.startswith("config_file") for key in sources[name]))
print(parser.session_settings())
"""


@pytest.mark.aider
@needs_aider
def test_what_the_sessions_own_sources_set_stands_beside_our_own(user: User) -> None:
    user.write(folder="auto-commits: false\n")
    (user.folder / ".aider.conf.yml").write_text("dark-mode: true\n")
    variables = {"CECLI_MAP_TOKENS": "0", "AIDER_MAP_REFRESH": "auto"}
    names, keys, settings = told(user, SOURCES, **variables)
    assert set(names.split()) == set(variables)
    assert set(keys.split()) == {"auto-commits", "dark-mode"}
    assert settings == "{'map-tokens': '0', 'auto-commits': 'false'}"


def add_what_a_session_has(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes-always", action="store_true")
    parser.add_argument("--map-tokens", type=int)
    parser.add_argument("--map-multiplier-no-files", type=int)
    parser.add_argument("--anthropic-api-key")
    parser.add_argument("--auto-commits", action=argparse.BooleanOptionalAction)
    parser.add_argument("files", nargs="*")


def with_session(user: User) -> SessionParser:
    """Return the command's parser with options that a session might have."""
    parser = SessionParser(environ=user.environ, folder=str(user.folder))
    add_arguments(parser)
    parser._has_session = True
    parser._further = {}
    add_what_a_session_has(parser)
    return parser


def of_argparse() -> argparse.ArgumentParser:
    """Return argparse's own parser, which allows abbreviations, with the same options."""
    plain = argparse.ArgumentParser(add_help=False)
    plain.add_argument("--config")
    for option in OPTIONS:
        plain.add_argument(f"--{option.name}", action="store" if option.metavar else "store_true")
    add_what_a_session_has(plain)
    return plain


def parsed_by(parser: argparse.ArgumentParser, *argv: str) -> dict[str, object] | None:
    """Return what the options are set to, or None where the parser ends the program.

    Of ours argparse's own parser knows neither what their values may be nor that off is one.
    """
    try:
        found = vars(parser.parse_args(argv))
    except SystemExit as ended:
        assert ended.code == 2 or "--analytics-disable" in argv
        return None
    if found.pop("no_analytics", None) or found["analytics_disable"]:
        found["analytics"] = False
    try:
        for option in OPTIONS:
            if option.metavar and found[option.dest] is not None:
                found[option.dest] = option.read(found[option.dest])
    except ValueError:
        return None
    return {key: value for key, value in found.items() if value}


def taken_for(names: list[str], typed: str) -> list[str]:
    """Return the option that argparse, which allows abbreviations, takes a word for."""
    plain = argparse.ArgumentParser(add_help=False)
    for name in names:
        plain.add_argument(name, action="append_const", dest="found", const=name)
    try:
        found: list[str] = plain.parse_args([typed]).found
    except SystemExit:
        return []
    return found


def test_each_beginning_of_an_option_means_what_argparse_takes_it_for(user: User) -> None:
    parser = with_session(user)
    names = [name for name in parser._option_string_actions if name.startswith("--")]
    beginnings = {name[:end] for name in names for end in range(3, len(name))}.difference(names)
    for typed in beginnings:
        (written,) = parser._written_out([typed])
        found = taken_for(names, typed)
        is_ours = [name for name in found if name[2:] in BY_NAME]
        assert [written] == (found if found and not is_ours else [typed])
    assert {"--yes", "--map-mul", "--analytics-l", "--no-an", "--an", "--conf"} <= beginnings


LONG = [name for name in of_argparse()._option_string_actions if name != "--config"]
typed_words = st.one_of(
    st.sampled_from(LONG).flatmap(
        lambda name: st.integers(3, len(name)).map(lambda end: name[:end])
    ),
    st.sampled_from(["--", "5", "x", "-5", "--yes it is", ""]),
)
command_lines = st.lists(
    st.one_of(typed_words, st.tuples(typed_words, st.sampled_from("5x")).map("=".join)), max_size=6
)


def may_mean_analytics(words: list[str]) -> bool:
    """Tell whether a word is a beginning, and no more, of an option of analytics."""
    typed = [word.partition("=")[0] for word in words[: [*words, "--"].index("--")]]
    short = [word for word in typed if len(word) > 2 and word not in LONG]
    return any(f"--{name}".startswith(word) for word in short for name in BY_NAME)


@given(words=command_lines)
def test_a_command_line_means_what_it_means_to_argparse_unless_it_may_mean_analytics(
    user: User, words: list[str]
) -> None:
    expected = None if may_mean_analytics(words) else parsed_by(of_argparse(), *words)
    assert parsed_by(with_session(user), *words) == expected


@pytest.mark.parametrize(
    ("argv", "read"),
    [
        (["--yes"], {"yes_always": True}),
        (["--map-mul", "5"], {"map_multiplier_no_files": 5}),
        (["--map-mul=5", "--yes", "a"], {"map_multiplier_no_files": 5, "yes_always": True}),
        (["--anthropic-api-key", "--yes=x y"], None),
        (["--no-auto"], {}),
        (["--", "--yes"], {"files": ["--yes"]}),
        (
            ["--anthropic-api-key", "--yes that is long"],
            {"anthropic_api_key": "--yes that is long"},
        ),
    ],
)
def test_a_beginning_of_a_sessions_option_is_that_option(
    user: User, argv: list[str], read: dict[str, object] | None
) -> None:
    parsed = parsed_by(with_session(user), *argv)
    assert (parsed is None) is (read is None)
    assert (read or {}).items() <= (parsed or {}).items()


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("--map", "--map-multiplier-no-files or --map-tokens"),
        ("--map=SECRET", "--map-multiplier-no-files or --map-tokens"),
        ("--no-a", "--no-analytics or --no-auto-commits"),
        ("--no-an", "--no-analytics"),
        ("--analytics-d", "--analytics-disable"),
        ("--analytics-log=SECRET", None),
        (
            "--an=SECRET",
            "--analytics, --analytics-disable, --analytics-log, --analytics-posthog-host, "
            "--analytics-posthog-project-api-key or --anthropic-api-key",
        ),
    ],
)
def test_what_may_be_short_for_several_options_or_for_one_of_analytics_is_one_sentence(
    user: User, capsys: pytest.CaptureFixture[str], typed: str, names: str | None
) -> None:
    parsed = parsed_by(with_session(user), typed)
    shown = capsys.readouterr().err
    option = typed.partition("=")[0]
    if names is None:
        assert parsed == {"analytics_log": "SECRET"}
    else:
        assert parsed is None
        assert shown == f"cecli: error: there is no option {option}; did you mean {names}?\n"


def test_all_that_is_unclear_is_told_at_once(
    user: User, capsys: pytest.CaptureFixture[str]
) -> None:
    assert parsed_by(with_session(user), "--map", "5", "--analytic", "--yes") is None
    told = capsys.readouterr().err.splitlines()
    assert ["--map" in told[0], "--analytic;" in told[1], len(told)] == [True, True, 2]


def test_a_shortened_option_is_stronger_than_a_variable_and_a_file(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    user.write(home="map-multiplier-no-files: 7\n")
    assert parsed_by(with_session(user)) == {"map_multiplier_no_files": 7}
    monkeypatch.setenv("CECLI_MAP_MULTIPLIER_NO_FILES", "6")
    assert parsed_by(with_session(user)) == {"map_multiplier_no_files": 6}
    assert parsed_by(with_session(user), "--map-mul", "5") == {"map_multiplier_no_files": 5}


def test_a_disable_is_heeded_beside_what_is_unclear(user: User) -> None:
    with pytest.raises(SystemExit) as ended:
        with_session(user).parse_args(["--map", "--analytics-disable"], env_vars=user.environ)
    assert ended.value.code == 0


def test_what_is_recorded_names_the_option_in_full(user: User, tmp_path: Path) -> None:
    parser, log = with_session(user), tmp_path / "log.jsonl"
    args = parser.parse_args(["--yes", "--map-mul=5", "--analytics-log", str(log)])
    with resolve(args, parser) as recorder:
        recorder.event("launched")
    assert json.loads(log.read_text())["properties"]["options"] == [
        *("flag:analytics-log", "flag:map-multiplier-no-files", "flag:yes-always")
    ]


def test_a_session_is_handed_each_option_in_full_and_no_config_file(user: User) -> None:
    words = ["--yes", "--conf", "x.yml", "--map-mul=5", "a b", "--", "--yes"]
    assert with_session(user).words_for_session(words) == [
        *("--yes-always", "--map-multiplier-no-files=5", "a b", "--", "--yes")
    ]


BEGINNINGS = """
from cecli.analytics import add_arguments
from cecli.sessions.parser import SessionParser
parser = SessionParser()
add_arguments(parser)
parser.add_session_options()
names = [name for name in parser._option_string_actions if name.startswith("--")]
print(*names)
typed = sorted({name[:end] for name in names for end in range(3, len(name) + 1)})
for pair in zip(typed, parser._written_out(typed)):
    print(*pair)
"""


@pytest.mark.aider
@needs_aider
def test_a_beginning_of_aiders_options_stands_for_one_alone_and_never_for_analytics(
    user: User,
) -> None:
    names, *pairs = [line.split() for line in told(user, BEGINNINGS)]
    written = {typed: name for typed, name in pairs if typed != name}
    assert {"--yes": "--yes-always", "--map-mul": "--map-multiplier-no-files"}.items() <= (
        written.items()
    )
    for typed, name in pairs:
        fitting = [each for each in names if each.startswith(typed)]
        is_short = typed not in names and len(fitting) == 1 and fitting[0][2:] not in BY_NAME
        assert name == (fitting[0] if is_short else typed)
