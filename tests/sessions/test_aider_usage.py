"""What aider's users type, set and keep in files: a session takes it, and does what aider does.

What is looked at is aider's own end: what it prints, writes and commits, and what it sends to a
model.
"""

from __future__ import annotations

import json
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.sessions.sessions import EDIT, MODEL, PROMPT, Sessions, needs_aider
from tools.coding_sessions import FILE, TEXT
from tools.model_end import Answer

pytestmark = [pytest.mark.aider, needs_aider]

WIDE = {"COLUMNS": "500"}
"""So that no line is wrapped."""


@pytest.fixture
def folder(sessions: Sessions) -> Path:
    """Return an empty folder outside any repository."""
    folder = sessions.user.home / "empty"
    folder.mkdir()
    return folder


def done(
    sessions: Sessions, *argv: str, cwd: Path | str | None = None, **variables: str
) -> CompletedProcess[str]:
    """Run a session that says yes to everything, and must end well."""
    ended = sessions.run("--yes", *argv, cwd=cwd, **{**WIDE, **variables})
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended


def held(ended: CompletedProcess[str]) -> dict[str, str]:
    """Return what each of aider's options was, as a session with ``--verbose`` tells it."""
    _, _, listed = ended.stdout.partition("Option settings:\n")
    lines = listed.partition("\n\n")[0].splitlines()
    return dict(line.removeprefix("  - ").split(": ", 1) for line in lines)


class TestWhatIsNamedIsMade:
    @pytest.mark.parametrize(
        ("argv", "made", "event"),
        [
            (["--no-git"], [], "no-repo"),
            (["--no-git", "foo.txt"], ["foo.txt"], "no-repo"),
            ([], [".git", ".gitignore"], "repo"),
            (["foo.txt", "bar.txt"], [".git", ".gitignore", "bar.txt", "foo.txt"], "repo"),
        ],
    )
    def test_in_an_empty_folder(
        self, sessions: Sessions, folder: Path, argv: list[str], made: list[str], event: str
    ) -> None:
        done(sessions, "--exit", "--model", MODEL, *argv, cwd=folder)
        assert sorted(each.name for each in folder.iterdir() if ".aider" not in each.name) == made
        assert event in sessions.names()
        if ".gitignore" in made:
            assert (folder / ".gitignore").read_text() == ".aider*\n"

    def test_in_a_repository_below_the_folder(self, sessions: Sessions, folder: Path) -> None:
        sessions.git("init", "--quiet", "sub", cwd=folder)
        done(sessions, "--exit", "--model", MODEL, "sub/foo.txt", "sub/bar.txt", cwd=folder)
        assert {"foo.txt", "bar.txt"} <= {each.name for each in (folder / "sub").iterdir()}
        assert sessions.names() == ["launched", "repo", "auto_commits", "exit"]

    def test_a_file_that_git_has_already_is_left_to_it(self, sessions: Sessions) -> None:
        below = sessions.user.folder / "foo.txt"
        below.touch()
        sessions.git("add", ".")
        sessions.git("commit", "--quiet", "--message", "Add")
        done(sessions, "--exit", "--model", MODEL, "src/foo.txt")
        assert sessions.git("status", "--porcelain") == ""


class TestGit:
    @pytest.mark.parametrize(
        ("dotenv", "ignored"),
        [(False, "one\ntwo\n.aider*\n"), (True, "one\ntwo\n.aider*\n.env\n")],
    )
    def test_its_files_and_the_keys_are_ignored_from_now_on(
        self, sessions: Sessions, dotenv: bool, ignored: str
    ) -> None:
        (sessions.user.root / ".gitignore").write_text("one\ntwo\n")
        if dotenv:
            (sessions.user.root / ".env").touch()
        done(sessions, "--exit", "--model", MODEL, "--gitignore")
        assert (sessions.user.root / ".gitignore").read_text() == ignored

    @pytest.mark.parametrize(
        ("flags", "is_added"),
        [([], False), (["--add-gitignore-files"], True), (["--no-add-gitignore-files"], False)],
    )
    def test_an_ignored_file_is_in_the_chat_only_where_that_is_wanted(
        self, sessions: Sessions, flags: list[str], is_added: bool
    ) -> None:
        root = sessions.user.root
        names = ("1.txt", "2.txt", "3.txt")
        (root / ".gitignore").write_text(".aider*\n*.txt\n")
        for name in names:
            (root / name).touch()
        (root / "load").write_text("/add 3.txt\n")
        named = ("1.txt", "--file", "2.txt", "--load", "load")
        shown = done(sessions, "--exit", "--model", MODEL, *flags, *named).stdout
        added = [name for name in names if f"Added {name} to the chat" in shown]
        assert added == (list(names) if is_added else [])

    @pytest.mark.parametrize("is_relative", [False, True])
    def test_a_name_that_another_file_gives_to_git_is_left_alone(
        self, sessions: Sessions, is_relative: bool
    ) -> None:
        config = sessions.user.root / ".git" / "config"
        sessions.git("config", "--remove-section", "user")
        included = config.parent / "included"
        included.write_text("[user]\n    name = Grace\n    email = grace@example.com\n")
        with config.open("a") as writing:
            name = "included" if is_relative else included
            writing.write(f"[include]\n    path = {name}\n")
        before = config.read_bytes()
        done(sessions, "--exit", "--model", MODEL)
        assert config.read_bytes() == before

    def test_without_git_a_session_runs_all_the_same(
        self, sessions: Sessions, folder: Path
    ) -> None:
        done(sessions, "--exit", "--model", MODEL, cwd=folder, PATH=str(folder))
        assert "no-repo" in sessions.names()

    def test_what_is_dirty_is_linted_from_the_root(self, sessions: Sessions) -> None:
        (sessions.user.root / FILE).write_text("def frobnicate(:\n")
        shown = done(sessions, "--lint", "--model", MODEL, cwd=sessions.user.folder).stdout
        assert FILE in shown
        assert f"src/{FILE}" not in shown
        assert sessions.properties("exit")[0]["reason"] == "completed"

    @pytest.mark.parametrize(
        ("flags", "commits"),
        [
            ([], 3),
            (["--no-dirty-commits"], 2),
            (["--no-auto-commits"], 1),
        ],
    )
    def test_edits_are_committed_as_the_options_say(
        self, sessions: Sessions, flags: list[str], commits: int
    ) -> None:
        (sessions.user.root / FILE).write_text(f"{TEXT}# dirty\n")
        sessions.end.answers += [Answer(EDIT), Answer("feat: one"), Answer("feat: two")]
        done(sessions, "--model", MODEL, "--no-stream", *flags, "--message", PROMPT, FILE)
        assert len(sessions.git("log", "--format=%s").splitlines()) == commits
        assert "twice" in (sessions.user.root / FILE).read_text()


SWITCHES = ("auto-commits", "dirty-commits", "suggest-shell-commands", "detect-urls")
ALL_ON = {name.replace("-", "_"): "True" for name in SWITCHES}
ALL_OFF = dict.fromkeys(ALL_ON, "False")
SETTINGS: dict[str, tuple[list[str], dict[str, str], dict[str, str]]] = {
    "nothing is said": (
        [],
        {},
        {**ALL_ON, "show_diffs": "False", "code_theme": "default", "yes_always": "None"},
    ),
    "a yes to all": (["--yes"], {}, {"yes_always": "True"}),
    "switched off": ([f"--no-{name}" for name in SWITCHES], {}, ALL_OFF),
    "switched on against variables": (
        [f"--{name}" for name in SWITCHES],
        {f"AIDER_{name.upper()}": "off" for name in ALL_ON},
        ALL_ON,
    ),
    "shortened against variables": (
        ["--no-auto-c", "--map-mul", "5", "--set-e", "A=1"],
        {
            "AIDER_AUTO_COMMITS": "true",
            "CECLI_MAP_MULTIPLIER_NO_FILES": "7",
            "AIDER_SET_ENV": "B=2",
        },
        {"auto_commits": "False", "map_multiplier_no_files": "5.0", "set_env": "['A=1']"},
    ),
    "switched off by variables": ([], {f"AIDER_{name.upper()}": "off" for name in ALL_ON}, ALL_OFF),
    "a word for on": ([], {"AIDER_SHOW_DIFFS": "on"}, {"show_diffs": "True"}),
    "dark": (["--dark-mode"], {}, {"code_theme": "monokai"}),
    "light": (["--light-mode"], {}, {"code_theme": "default", "user_input_color": "green"}),
    "a cache": (["--cache-prompts"], {}, {"map_refresh": "auto", "cache_prompts": "True"}),
}


@pytest.mark.parametrize("case", SETTINGS)
def test_an_option_is_what_the_strongest_source_says(sessions: Sessions, case: str) -> None:
    argv, variables, expected = SETTINGS[case]
    ended = sessions.run("--verbose", "--exit", "--model", MODEL, *argv, **WIDE, **variables)
    assert ended.returncode == 0, ended.stderr
    assert expected.items() <= held(ended).items()


class TestDotEnv:
    @pytest.mark.parametrize(("name", "argv"), [(".env", []), ("my.env", ["--env-file", "my.env"])])
    def test_a_file_of_variables_sets_options(
        self, sessions: Sessions, name: str, argv: list[str]
    ) -> None:
        (sessions.user.root / name).write_text("AIDER_DARK_MODE=on\nAIDER_SHOW_DIFFS=off\n")
        ended = done(sessions, "--verbose", "--exit", "--model", MODEL, *argv)
        assert {"dark_mode": "True", "show_diffs": "False"}.items() <= held(ended).items()
        assert "AIDER_DARK_MODE:   on" in ended.stdout

    def test_the_nearer_file_wins(self, sessions: Sessions) -> None:
        user = sessions.user
        names = ("CHAT_LANGUAGE", "COMMIT_LANGUAGE", "VOICE_LANGUAGE", "EDITOR", "TEST_CMD")
        files = [
            user.home / ".aider" / "oauth-keys.env",
            user.home / ".env",
            user.root / ".env",
            user.folder / ".env",
            user.root / "named.env",
        ]
        for number, file in enumerate(files):
            lines = [f"AIDER_{name}={file.name}{number}\n" for name in names[: 5 - number]]
            file.write_text("".join(lines))
        argv = ("--verbose", "--exit", "--model", MODEL, "--env-file", str(files[-1]))
        ended = done(sessions, *argv, cwd=user.folder, AIDER_CODE_THEME="vim")
        expected = {
            "chat_language": "named.env4",
            "commit_language": ".env3",
            "voice_language": ".env2",
            "editor": ".env1",
            "test_cmd": "oauth-keys.env0",
            "code_theme": "vim",
            "aiderignore": str(user.root / ".aiderignore"),
        }
        assert expected.items() <= held(ended).items()


PLACES = ("home", "root", "folder", "named")


@pytest.mark.parametrize("name", [".cecli.conf.yml", ".aider.conf.yml"])
@pytest.mark.parametrize("count", range(1, 5))
def test_the_nearer_config_file_wins(sessions: Sessions, name: str, count: int) -> None:
    user = sessions.user
    for number, place in enumerate(PLACES[:count], 1):
        config = user.named if place == "named" else user.config(place).with_name(name)
        config.write_text(f"model: openai/{place}\nmap-tokens: {number}000\n")
    argv = ["--config", str(user.named)] if count == 4 else []
    shown = done(sessions, "--exit", *argv, cwd=user.folder).stdout
    assert f"Model: openai/{PLACES[count - 1]} with" in shown
    assert f"Repo-map: using {count}000 tokens" in shown


@pytest.mark.parametrize("is_on", [True, False])
def test_a_switch_in_aiders_own_file_means_what_it_says(sessions: Sessions, is_on: bool) -> None:
    (sessions.user.root / ".aider.conf.yml").write_text(f"auto-commits: {str(is_on).lower()}\n")
    done(sessions, "--exit", "--model", MODEL)
    assert sessions.properties("auto_commits")[0]["enabled"] is is_on


WARNING = "does not support"
CACHED = "prompt cache"
COSTS = "Cost estimates may be inaccurate when using streaming and caching."
SHOWN: dict[str, tuple[list[str], list[str], list[str]]] = {
    "no map": (["--map-tokens", "0"], ["Repo-map: disabled"], []),
    "a map": (["--map-tokens", "1000"], ["Repo-map: using 1000 tokens"], []),
    "a map without files": (["--map-mul", "5", "--verbose"], ["map_mul_no_files: 5"], []),
    "a file to read": (["--read", FILE], [f"Added {FILE} to the chat (read-only)"], []),
    "a file from elsewhere": (["--read", "{elsewhere}"], ["elsewhere.txt to the chat"], []),
    "a model with a cache": (["--sonnet", "--cache-prompts", "--no-stream"], [CACHED], [COSTS]),
    "a model without one": (["--4o", "--cache-prompts"], ["gpt-4o", COSTS], [CACHED]),
    "no cache": (["--stream"], [], [COSTS]),
    "thoughts": (
        ["--model", "anthropic/claude-3-7-sonnet-20250219", "--thinking-tokens", "1024"],
        ["1k think tokens"],
        [WARNING],
    ),
    "thoughts of a model that has none": (
        ["--model", "gpt-4o", "--thinking-tokens", "1000", "--check-model-accepts-settings"],
        [f"gpt-4o {WARNING} 'thinking_tokens'"],
        ["1k think"],
    ),
    "an effort": (["--model", "o1", "--reasoning-effort", "3"], ["reasoning 3"], [WARNING]),
    "an effort of a model that has none": (
        ["--model", "gpt-3.5-turbo", "--reasoning-effort", "3"],
        [f"gpt-3.5-turbo {WARNING} 'reasoning_effort'"],
        ["reasoning 3"],
    ),
    "an effort by force": (
        ["--reasoning-effort", "3", "--no-check-model-accepts-settings"],
        ["reasoning 3"],
        [WARNING],
    ),
    "what is known of a model": (
        ["--model", "deepseek/x", "--model-metadata-file", "{known}", "--verbose"],
        ['"max_input_tokens": 1234'],
        [],
    ),
    "models that are known": (
        ["--list-models", "deepseek/x", "--model-metadata-file", "{known}"],
        ["- deepseek/x\n"],
        [],
    ),
    "a server that is taken at its word": (["--no-verify-ssl"], [], []),
}


@pytest.mark.parametrize("case", SHOWN)
def test_a_session_begins_as_it_was_told(sessions: Sessions, tmp_path: Path, case: str) -> None:
    argv, present, absent = SHOWN[case]
    places = {"elsewhere": tmp_path / "elsewhere.txt", "known": tmp_path / "known.json"}
    places["elsewhere"].touch()
    known = {"max_input_tokens": 1234, "litellm_provider": "deepseek", "mode": "chat"}
    places["known"].write_text(json.dumps({"deepseek/x": known}))
    named = {"--sonnet", "--4o", "--model"} & {*argv}
    model = [] if named else ["--model", MODEL]
    words = [word.format(**places) for word in argv]
    shown = done(sessions, "--exit", *model, *words).stdout
    assert [text for text in present if text not in shown] == []
    assert [text for text in absent if text in shown] == []


KEYS = {
    "ANTHROPIC_API_KEY": "sonnet",
    "DEEPSEEK_API_KEY": "deepseek",
    "OPENAI_API_KEY": "gpt-4o",
    "GEMINI_API_KEY": "gemini",
    "ANTHROPIC_API_KEY OPENAI_API_KEY": "sonnet",
}


@pytest.mark.parametrize("keys", KEYS)
def test_the_keys_at_hand_choose_the_model(sessions: Sessions, keys: str) -> None:
    shown = done(sessions, "--exit", **{"OPENAI_API_KEY": "", **dict.fromkeys(keys.split(), "x")})
    (chosen,) = sessions.properties("auto_model_selection")
    assert KEYS[keys] in str(chosen["model"])
    assert "with API key from environment" in shown.stdout


class TestWhatAModelIsSent:
    def test_is_the_message_in_the_language_with_the_files(self, sessions: Sessions) -> None:
        root = sessions.user.root
        (root / "latin.txt").write_bytes("Zürich".encode("iso-8859-15"))
        (root / "message").write_bytes(f"{PROMPT} Grüße".encode("iso-8859-15"))
        done(
            *(sessions, "--model", MODEL, "--no-stream", "--encoding", "iso-8859-15"),
            *("--read", FILE, "--message-file", "message", "--chat-lang", "Spanish", "latin.txt"),
            *("--reasoning-effort", "high", "--no-check-model-accepts-settings"),
        )
        (sent, *_) = sessions.end.requests
        text = "\n".join(message["content"] for message in sent["messages"])
        assert [
            each for each in ("Zürich", f"{PROMPT} Grüße", TEXT, "Spanish") if each not in text
        ] == []
        assert (sent["reasoning_effort"], sent.get("stream", False)) == ("high", False)

    def test_is_streamed_and_kept_in_the_history(self, sessions: Sessions) -> None:
        done(sessions, "--model", MODEL, "--stream", "--message", PROMPT)
        assert sessions.end.requests[0]["stream"] is True
        history = (sessions.user.root / ".aider.input.history").read_text()
        assert f"+{PROMPT}\n" in history

    def test_asks_for_a_commits_message_in_its_language(self, sessions: Sessions) -> None:
        sessions.end.answers += [Answer(EDIT), Answer("feat: Zanzibar")]
        argv = ("--no-stream", "--commit-lang", "japanese", "--message", PROMPT, FILE)
        done(sessions, "--model", MODEL, *argv)
        assert "japanese" in json.dumps(sessions.end.requests[1])


class TestVariablesAndKeysOfTheCommandLine:
    def test_reach_what_the_session_runs_and_nothing_that_is_recorded(
        self, sessions: Sessions
    ) -> None:
        echo = "/run echo [$FIRST] [$SECOND] [$ANTHROPIC_API_KEY] [$GEMINI_API_KEY]"
        shown = done(
            *(sessions, "--model", MODEL, "--set-env", "FIRST=SECRET one", "--set-e", "SECOND=2"),
            *("--api-key", "anthropic=SECRET1", "--api-k", "gemini=SECRET2", "--message", echo),
        ).stdout
        assert "[SECRET one] [2] [SECRET1] [SECRET2]" in shown
        options = sessions.properties("launched")[0]["options"]
        assert {"flag:set-env", "flag:api-key", "flag:yes-always"} <= {*options}
        assert "SECRET" not in sessions.everything()

    @pytest.mark.parametrize("option", ["--set-env", "--api-key"])
    def test_without_a_value_end_the_session(self, sessions: Sessions, option: str) -> None:
        assert sessions.run("--yes", "--exit", option, "nonsense").returncode == 1


BAD = {
    "a name": ("model: x\nopenai-api-kye: SECRET\n", "there is no option 'openai-api-kye'"),
    "a list": ("raed: [SECRET]\n", "there is no option 'raed'; did you mean read?"),
    "a number": ("1: SECRET\n", "there is no option '1'"),
    "a choice": ("map-refresh: SECRET\n", "argument --map-refresh: invalid choice"),
    "a count": ("map-tokens: SECRET\n", "argument --map-tokens: invalid int value"),
    "YAML": ("model: [\n", "Couldn't parse config file"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_mistake_in_aiders_own_file_is_one_sentence_and_no_value(
    sessions: Sessions, case: str
) -> None:
    text, told = BAD[case]
    (sessions.user.root / ".aider.conf.yml").write_text(text)
    ended = sessions.run("--exit", "--model", MODEL)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("cecli: error: ")
    assert told in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert "SECRET" not in ended.stderr


def test_a_yes_in_aiders_own_file_ends_as_aider_has_it(sessions: Sessions) -> None:
    (sessions.user.root / ".aider.conf.yml").write_text("yes: true\n")
    ended = sessions.run("--no-analytics", "--exit", "--model", MODEL)
    assert ended.returncode == 1
    assert "replace 'yes:' with 'yes-always:'" in ended.stdout
    assert "flag:no-analytics" in sessions.properties("launched")[0]["options"]


def test_a_yes_to_everything_is_no_answer_to_the_question_of_analytics(sessions: Sessions) -> None:
    terminal = sessions.terminal("--yes", "--analytics", "--exit", "--model", MODEL)
    terminal.wait_for("[Yes]: ")
    terminal.type("no\n")
    assert terminal.finish() == 0
    assert json.loads(sessions.user.consent.read_text())["permanently_disable"] is True
    assert "flag:yes-always" in sessions.properties("launched")[0]["options"]
    assert sessions.received == []
