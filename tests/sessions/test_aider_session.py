"""Real sessions of aider, on a terminal, with a model's end on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from cecli.main import INTERRUPTED
from tests.sessions.sessions import EDIT, MODEL, PROMPT, SECRETS, Sessions, needs_aider
from tools.coding_sessions import FILE, KEY, TEXT
from tools.model_end import COMPLETION_TOKENS, PROMPT_TOKENS, Answer, ModelEnd
from tools.user import Terminal, User
from tools.wire import as_logged

pytestmark = [pytest.mark.aider, needs_aider]


@pytest.fixture(scope="module", params=["--no-stream", "--stream"], ids=["whole", "streamed"])
def played(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[tuple[Sessions, str]]:
    """Play a session from the question to its exit, once for all that is looked at in it."""
    base = tmp_path_factory.mktemp("played")
    with pytest.MonkeyPatch.context() as patch, ModelEnd() as end:
        for name in ("CI", "DO_NOT_TRACK"):
            patch.delenv(name, raising=False)
        sessions = Sessions(User(base), end, base)
        with sessions.receiver:
            sessions.end.answers += [
                Answer("Nothing to see."),
                Answer(EDIT),
                Answer("feat: Zanzibar"),
            ]
            terminal = sessions.terminal("--analytics", "--model", MODEL, request.param, FILE)
            terminal.wait_for("[Yes]: ")
            terminal.type("yes\n")
            terminal.wait_for("\n> ", 1)
            terminal.type(PROMPT + "\n")
            terminal.wait_for("\n> ", 2)
            terminal.type("Say it twice, Zanzibar.\n")
            terminal.wait_for("Commit ")
            terminal.wait_for("\n> ", 3)
            for number, command in enumerate(("/tokens", "/ls", "!echo Zanzibar"), 4):
                terminal.type(command + "\n")
                if command.startswith("!"):
                    terminal.wait_for("chat?")
                    terminal.type("n\n")
                terminal.wait_for("\n> ", number)
            sessions.end.answers.append(Answer(status=401))
            terminal.type(PROMPT + "\n")
            terminal.wait_for("\n> ", 7)
            terminal.type("/exit\n")
            assert terminal.finish() == 0
            sessions.arrived()
            yield sessions, terminal.shown
        assert sessions.reached() == ""


class TestASessionFromTheQuestionToItsExit:
    def test_an_answer_that_edits_changes_the_file(self, played: tuple[Sessions, str]) -> None:
        assert (played[0].user.root / FILE).read_text() != TEXT

    def test_its_events_stand_in_their_order(self, played: tuple[Sessions, str]) -> None:
        assert played[0].names() == [
            *("launched", "repo", "auto_commits", "cli session"),
            *("message_send_starting", "message_send"),
            *("message_send_starting", "message_send"),
            *("command_tokens", "command_ls", "command_run"),
            *("message_send_starting", "message_send_exception"),
            *("command_exit", "exit"),
        ]

    def test_what_an_answer_cost_and_how_it_ended_is_told(
        self, played: tuple[Sessions, str]
    ) -> None:
        for sent in played[0].properties("message_send"):
            assert sent["prompt_tokens"] == PROMPT_TOKENS
            assert sent["completion_tokens"] == COMPLETION_TOKENS
            assert sent["total_tokens"] == PROMPT_TOKENS + COMPLETION_TOKENS
            assert (sent["edit_format"], sent["outcome"]) == ("whole", "stop")
            assert 0 <= sent["duration"] < 60

    def test_of_a_private_model_only_the_provider_is_told(
        self, played: tuple[Sessions, str]
    ) -> None:
        for sent in played[0].properties("message_send"):
            assert sent["main_model"] == sent["weak_model"] == "openai/REDACTED"

    def test_a_failure_is_told_by_its_type(self, played: tuple[Sessions, str]) -> None:
        (failure,) = played[0].properties("message_send_exception")
        assert failure["exception"] == "litellm.AuthenticationError"

    def test_its_exit_has_its_reason(self, played: tuple[Sessions, str]) -> None:
        assert played[0].properties("exit")[0]["reason"] == "command"

    def test_its_launch_names_the_options(self, played: tuple[Sessions, str]) -> None:
        options = played[0].properties("launched")[0]["options"]
        assert {"flag:analytics", "flag:model", "variable:check-update"} <= set(options)

    def test_what_arrives_is_what_was_logged(self, played: tuple[Sessions, str]) -> None:
        assert [as_logged(item) for item in played[0].arrived()] == played[0].logged()

    def test_no_secret_is_recorded_or_sent(self, played: tuple[Sessions, str]) -> None:
        recorded = played[0].everything()
        assert [secret for secret in SECRETS if secret in recorded] == []
        assert str(played[0].user.home) not in recorded

    def test_aiders_own_analytics_writes_nothing(self, played: tuple[Sessions, str]) -> None:
        assert not (played[0].user.home / ".aider" / "analytics.json").exists()

    def test_the_question_is_ceclis_and_no_key_is_shown(self, played: tuple[Sessions, str]) -> None:
        assert "AIDER" not in played[1].partition("[Yes]: ")[0]
        assert KEY not in played[1]


END_KEYS = {
    "Ctrl-D": ("\x04", "end of input"),
    "/exit": ("/exit\n", "command"),
    "/quit": ("/quit\n", "command"),
}


@pytest.mark.parametrize("keys", END_KEYS)
def test_there_is_one_exit_with_its_reason(sessions: Sessions, keys: str) -> None:
    typed, reason = END_KEYS[keys]
    terminal = sessions.terminal("--no-analytics", "--model", MODEL)
    terminal.wait_for("\n> ")
    terminal.type(typed)
    assert terminal.finish() == 0
    assert [exit["reason"] for exit in sessions.properties("exit")] == [reason]
    assert sessions.names()[-1] == "exit"


def interrupt(terminal: Terminal) -> None:
    """Press Ctrl-C, and Enter: Python sees a signal that comes just before a read only after it."""
    terminal.type("\x03")
    terminal.type("\n")


def test_ctrl_c_twice_is_an_interrupt(sessions: Sessions) -> None:
    terminal = sessions.terminal("--no-analytics", "--model", MODEL)
    terminal.wait_for("\n> ")
    # aider ends at a second Ctrl-C within two seconds, which a busy machine may miss.
    with pytest.raises(AssertionError, match="ended without showing"):
        for times in range(1, 20):
            interrupt(terminal)
            terminal.wait_for("^C again to exit", times)
    # 0 where aider has handled it, 130 where it came in the midst of aider's own work.
    assert terminal.finish() in (0, INTERRUPTED)
    assert [exit["reason"] for exit in sessions.properties("exit")] == ["interrupted"]


def test_a_message_that_is_interrupted_was_started_and_not_answered(sessions: Sessions) -> None:
    sessions.end.answers.append(Answer("So far", hangs=True))
    terminal = sessions.terminal("--no-analytics", "--model", MODEL)
    terminal.wait_for("\n> ")
    terminal.type(PROMPT + "\n")
    terminal.wait_for("So far")
    interrupt(terminal)
    terminal.wait_for("^C again to exit")
    terminal.wait_for("\n> ", 2)
    terminal.type("/exit\n")
    assert terminal.finish() == 0
    names = sessions.names()
    assert names.count("message_send_starting") == 1
    assert "message_send" not in names
    assert "message_send_exception" not in names


def test_one_message_from_the_command_line_is_a_completed_session(sessions: Sessions) -> None:
    ended = sessions.run("--model", MODEL, "--no-stream", "--message", PROMPT)
    assert ended.returncode == 0, ended.stderr
    assert sessions.properties("exit")[0]["reason"] == "completed"
    assert sessions.names().count("message_send") == 1
    recorded = sessions.everything()
    assert [secret for secret in SECRETS if secret in recorded] == []


def test_a_crash_is_recorded_once_and_shown_as_aider_shows_it(sessions: Sessions) -> None:
    program = (
        "import sys\n"
        "def boom(*_): raise KeyError('SECRET')\n"
        "import aider.repo\n"
        "aider.repo.GitRepo.get_tracked_files = boom\n"
        "from cecli.main import main\n"
        "sys.exit(main())\n"
    )
    terminal = Terminal(
        *("-c", program, "--no-analytics", "--analytics-log", str(sessions.log), "--model", MODEL),
        cwd=sessions.user.root,
        env=sessions.environ(),
    )
    terminal.wait_for("(Y/n)")
    terminal.type("n\n")
    assert terminal.finish() == 1
    assert [exit["reason"] for exit in sessions.properties("exit")] == ["crash"]
    ((error,),) = [each["$exception_list"] for each in sessions.properties("$exception")]
    assert error["type"] == "KeyError"
    assert "SECRET" not in json.dumps(sessions.logged())


def test_an_interrupt_that_aider_lets_through_is_no_crash(sessions: Sessions) -> None:
    program = (
        "import sys\n"
        "def interrupt(*_): raise KeyboardInterrupt\n"
        "import aider.repo\n"
        "aider.repo.GitRepo.get_tracked_files = interrupt\n"
        "from cecli.main import main\n"
        "sys.exit(main())\n"
    )
    terminal = Terminal(
        *("-c", program, "--no-analytics", "--analytics-log", str(sessions.log), "--model", MODEL),
        cwd=sessions.user.root,
        env=sessions.environ(),
    )
    assert terminal.finish() == 130
    assert [exit["reason"] for exit in sessions.properties("exit")] == ["interrupted"]
    assert "$exception" not in sessions.names()
