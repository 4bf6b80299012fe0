"""The parser of the command, with a session and without."""

from __future__ import annotations

import subprocess
import sys

import pytest

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
