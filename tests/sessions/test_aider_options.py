"""The command line, the variables and the files of a session: cecli's, aider's, and both."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.sessions.sessions import AIDER, MODEL, Sessions, needs_aider
from tools.user import User

aider = pytest.mark.aider
no_extra = pytest.mark.skipif(AIDER, reason="the extra is installed")
EXTRA = "pip install 'cecli[aider]'"


@no_extra
@pytest.mark.parametrize(
    ("argv", "first"),
    [
        (["--model", "gpt-4o"], "--model"),
        (["--openai-api-key", "SECRET"], "--openai-api-key"),
        (["--openai-api-key=SECRET", "x.py"], "--openai-api-key"),
        (["-mSECRET"], "-m"),
        (["--yes", "x.py"], "--yes"),
        (["x.py"], "'x.py'"),
        (["--", "--analytics"], "'--analytics'"),
    ],
)
def test_without_the_extra_what_a_session_needs_is_one_sentence(
    user: User, argv: list[str], first: str
) -> None:
    ended = user.cecli(*argv)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"cecli: error: {first} is for a coding session")
    assert EXTRA in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert "SECRET" not in ended.stderr


@no_extra
def test_without_the_extra_a_misspelt_option_of_ours_is_still_named(user: User) -> None:
    ended = user.cecli("--analytics-lgo", "SECRET", "--model", "x")
    assert ended.returncode == 2
    assert "there is no option --analytics-lgo; did you mean --analytics-log?" in ended.stderr
    assert "SECRET" not in ended.stderr


@no_extra
def test_without_the_extra_a_key_for_a_session_names_it_too(user: User) -> None:
    user.write(home="model: gpt-4o\n")
    ended = user.cecli()
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert "there is no option 'model'" in ended.stderr
    assert EXTRA in ended.stderr


@no_extra
def test_without_the_extra_nothing_is_short_for_an_option(user: User) -> None:
    for typed in ("--conf", "--vers", "--analytics-d", "--no-an"):
        ended = user.cecli(typed)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert ended.stderr.count("\n") == 1
    assert not user.consent.exists()


def test_a_version_of_aider_that_isnt_known_is_one_sentence(user: User, tmp_path: Path) -> None:
    package = tmp_path / "path" / "aider"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("__version__ = '99.1'\n")
    for argv in ([], ["--help"], ["--model", "x"]):
        ended = user.cecli(*argv, variables={"PYTHONPATH": str(package.parent)})
        assert ended.returncode == 1
        assert "not with 99.1" in ended.stderr
        assert ended.stderr.count("\n") == 1
        assert "Traceback" not in ended.stderr
    assert user.cecli("--version", variables={"PYTHONPATH": str(package.parent)}).returncode == 0


def test_disabling_needs_no_session_that_works(user: User, tmp_path: Path) -> None:
    package = tmp_path / "path" / "aider"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError\n")
    user.write(home="model: gpt-4o\n")
    ended = user.cecli("--analytics-disable", variables={"PYTHONPATH": str(package.parent)})
    assert ended.returncode == 0, ended.stderr
    assert "permanently disabled" in ended.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="the script has another name")
def test_a_folder_named_aider_is_no_session(user: User) -> None:
    (user.folder / "aider").mkdir()
    program = (
        "import sys; sys.path.insert(0, '')\n"
        "from cecli import sessions; print(sessions.is_installed())"
    )
    ended = user.run(sys.executable, "-c", program, check=True)
    assert ended.stdout.strip() == str(AIDER)


@aider
@needs_aider
def test_the_help_shows_both(sessions: Sessions) -> None:
    shown = sessions.run("--help")
    assert shown.returncode == 0
    assert shown.stdout.count("--analytics-log FILE") == 2
    assert "--auto-commits" in shown.stdout
    assert shown.stdout.count("--config") == 2
    assert not sessions.log.exists()


@aider
@needs_aider
@pytest.mark.parametrize(
    ("argv", "text"),
    [
        (["--modle", "SECRET"], "there is no option --modle; did you mean --model?"),
        (["--analytics-lgo", "SECRET"], "did you mean --analytics-log?"),
        (["--map-refresh", "never"], "--map-refresh"),
        (["--edit-format", "SECRET"], "--edit-format"),
        (["--map", "SECRET"], "--map-multiplier-no-files, --map-refresh or --map-tokens?"),
        (["--yes=SECRET"], "argument --yes-always: it takes no value"),
    ],
)
def test_what_nobody_knows_is_one_sentence(sessions: Sessions, argv: list[str], text: str) -> None:
    ended = sessions.run(*argv)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert text in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert "SECRET" not in ended.stderr


@aider
@needs_aider
def test_a_key_that_nobody_knows_is_named(sessions: Sessions) -> None:
    sessions.user.write(home="modle: x\n")
    ended = sessions.run()
    assert ended.returncode == 2
    assert "there is no option 'modle'; did you mean model?" in ended.stderr


MODEL_SOURCES = {
    "a flag before all": ("flag", {"flag", "AIDER", "dotenv", "CECLI", "cecli", "aider"}),
    "aider's variable": ("AIDER", {"AIDER", "CECLI", "cecli", "aider"}),
    "aider's .env": ("dotenv", {"dotenv", "CECLI", "cecli", "aider"}),
    "cecli's variable": ("CECLI", {"CECLI", "cecli", "aider"}),
    "cecli's file": ("cecli", {"cecli", "aider"}),
    "aider's file": ("aider", {"aider"}),
}


@aider
@needs_aider
@pytest.mark.parametrize("case", MODEL_SOURCES)
def test_the_stronger_source_of_an_option_wins(sessions: Sessions, case: str) -> None:
    winner, sources = MODEL_SOURCES[case]
    argv = ["--model", "openai/flag"] if "flag" in sources else []
    variables = {
        f"{source}_MODEL": f"openai/{source}" for source in ("AIDER", "CECLI") if source in sources
    }
    if "dotenv" in sources:
        (sessions.user.root / ".env").write_text(
            "AIDER_MODEL=openai/flag\n" if winner == "flag" else "AIDER_MODEL=openai/dotenv\n"
        )
        if winner == "flag":
            variables.pop("AIDER_MODEL", None)
    if "cecli" in sources:
        sessions.user.write(root="model: openai/cecli\n")
    if "aider" in sources:
        (sessions.user.root / ".aider.conf.yml").write_text("model: openai/aider\n")
    ended = sessions.run("--exit", *argv, **variables)
    assert ended.returncode == 0, ended.stderr
    assert f"Model: openai/{winner} with" in ended.stdout


@aider
@needs_aider
@pytest.mark.parametrize(
    ("line", "enabled"),
    [
        ("auto-commits: false", False),
        ("no-auto-commits: true", False),
        ("no_auto_commits: false", True),
        ("", True),
    ],
)
def test_a_switch_of_aiders_in_ceclis_file_means_what_it_says(
    sessions: Sessions, line: str, enabled: bool
) -> None:
    sessions.user.write(home=f"{line}\nread: [{'zanzibar_plan.py'}]\n")
    ended = sessions.run("--exit", "--model", MODEL)
    assert ended.returncode == 0, ended.stderr
    assert sessions.properties("auto_commits")[0]["enabled"] is enabled
    assert "zanzibar_plan.py" in ended.stdout
    used = sessions.properties("launched")[0]["options"]
    assert "file:read" in used


@aider
@needs_aider
def test_aiders_files_and_variables_stand_in_the_launch_facts_by_name(sessions: Sessions) -> None:
    (sessions.user.root / ".aider.conf.yml").write_text("dark-mode: true\n")
    sessions.run("--exit", "--model", MODEL, AIDER_MAP_TOKENS="0")
    options = sessions.properties("launched")[0]["options"]
    assert {"file:dark-mode", "variable:map-tokens", "flag:model", "flag:exit"} <= set(options)


THEIRS = "analytics: true\nanalytics_log: theirs.jsonl\nanalytics-posthog-host: http://x\n"
TELLS_WHAT_IS_LOADED = """
import sys
from cecli.main import main
code = main()
names = ("posthog", "mixpanel", "aider.analytics")
print("loaded", *(name for name in names if hasattr(sys.modules.get(name), "__file__")))
sys.exit(code)
"""


@pytest.fixture
def shown(sessions: Sessions) -> str:
    """Run a session with analytics options of aider's in files and variables; return its output."""
    root = sessions.user.root
    (root / ".aider.conf.yml").write_text(f"{THEIRS}model: {MODEL}\n")
    (sessions.user.home / ".aider.conf.yml").write_text("analytics-disable: true\n")
    (root / ".env").write_text(f"AIDER_ANALYTICS_LOG={root}/theirs.jsonl\nAIDER_ANALYTICS=true\n")
    program = [sys.executable, "-c", TELLS_WHAT_IS_LOADED]
    variables = sessions.environ(AIDER_ANALYTICS="true", AIDER_ANALYTICS_DISABLE="true")
    argv = ["--analytics-log", str(sessions.log), "--exit"]
    ended = sessions.user.run(*program, *argv, variables=variables, cwd=root)
    assert ended.returncode == 0, ended.stderr
    assert sessions.names()[-1] == "exit"
    return ended.stdout + ended.stderr


@aider
@needs_aider
def test_no_analytics_option_of_aiders_loads_its_analytics(shown: str) -> None:
    assert "loaded" in shown.splitlines()


@aider
@needs_aider
@pytest.mark.usefixtures("shown")
def test_no_analytics_option_of_aiders_writes_a_file(sessions: Sessions) -> None:
    assert not (sessions.user.root / "theirs.jsonl").exists()
    assert not (sessions.user.home / ".aider" / "analytics.json").exists()


@aider
@needs_aider
def test_no_analytics_option_of_aiders_is_taken_for_ceclis(sessions: Sessions, shown: str) -> None:
    assert "disabled" not in shown
    assert not (sessions.user.home / ".cecli").exists()
    assert sessions.received == []


@aider
@needs_aider
@pytest.mark.parametrize(
    ("argv", "reason", "code"),
    [
        (["--model", MODEL, "--exit"], "completed", 0),
        (["--model", MODEL, "--apply", "nowhere"], "usage error", 0),
        (["--model", MODEL, "--lint-cmd", "python: true", "--exit"], "completed", 0),
        (["--model", MODEL, "src", "zanzibar_plan.py"], "usage error", 1),
        (["--shell-completions", "bash"], "completed", 0),
        (["--api-key", "nonsense"], "usage error", 1),
    ],
)
def test_every_end_has_its_reason_and_aiders_exit_code(
    sessions: Sessions, argv: list[str], reason: str, code: int
) -> None:
    ended = sessions.run(*argv)
    assert ended.returncode == code, ended.stdout + ended.stderr
    assert [exit["reason"] for exit in sessions.properties("exit")] == [reason]


@aider
@needs_aider
def test_a_session_without_a_model_says_so_in_its_exit(sessions: Sessions) -> None:
    terminal = sessions.terminal("--no-analytics", OPENAI_API_KEY="")
    terminal.wait_for("(Y)es/(N)o")
    terminal.type("n\n")
    terminal.wait_for("(Y)es/(N)o", 2)
    terminal.type("n\n")
    assert terminal.finish() == 1
    assert [exit["reason"] for exit in sessions.properties("exit")] == ["no model"]


@aider
@needs_aider
def test_the_version_is_ceclis_and_imports_no_aider(user: User) -> None:
    program = (
        "import sys\nfrom cecli.main import main\n"
        "try: main(['--version'])\nfinally: print('aider' in sys.modules)"
    )
    ended = user.run(sys.executable, "-c", program, check=True)
    assert ended.stdout.endswith("False\n")
