"""Real sessions of aider, on a terminal, with a model's end on loopback."""

from __future__ import annotations

import json

import pytest

from cecli.main import INTERRUPTED
from tests.sessions.sessions import EDIT, MODEL, PROMPT, SECRETS, Sessions, needs_aider
from tools.coding_sessions import FILE, KEY, TEXT
from tools.model_end import COMPLETION_TOKENS, PROMPT_TOKENS, Answer
from tools.user import Terminal
from tools.wire import as_logged

pytestmark = [pytest.mark.aider, needs_aider]


@pytest.mark.parametrize("streaming", [False, True], ids=["whole", "streamed"])
def test_a_session_from_the_question_to_its_exit(sessions: Sessions, streaming: bool) -> None:
    sessions.end.answers += [Answer("Nothing to see."), Answer(EDIT), Answer("feat: Zanzibar")]
    stream = "--stream" if streaming else "--no-stream"
    terminal = sessions.terminal("--analytics", "--model", MODEL, stream, FILE)
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

    assert (sessions.user.root / FILE).read_text() != TEXT
    assert sessions.names() == [
        *("launched", "repo", "auto_commits", "cli session"),
        *("message_send_starting", "message_send"),
        *("message_send_starting", "message_send"),
        *("command_tokens", "command_ls", "command_run"),
        *("message_send_starting", "message_send_exception"),
        *("command_exit", "exit"),
    ]
    for sent in sessions.properties("message_send"):
        assert sent["prompt_tokens"] == PROMPT_TOKENS
        assert sent["completion_tokens"] == COMPLETION_TOKENS
        assert sent["total_tokens"] == PROMPT_TOKENS + COMPLETION_TOKENS
        assert sent["main_model"] == sent["weak_model"] == "openai/REDACTED"
        assert (sent["edit_format"], sent["outcome"]) == ("whole", "stop")
        assert 0 <= sent["duration"] < 60
    (failure,) = sessions.properties("message_send_exception")
    assert failure["exception"] == "litellm.AuthenticationError"
    assert sessions.properties("exit")[0]["reason"] == "command"
    options = sessions.properties("launched")[0]["options"]
    assert {"flag:analytics", "flag:model", "variable:check-update"} <= set(options)

    assert [as_logged(item) for item in sessions.arrived()] == sessions.logged()
    recorded = sessions.everything()
    assert [secret for secret in SECRETS if secret in recorded] == []
    assert str(sessions.user.home) not in recorded
    assert not (sessions.user.home / ".aider" / "analytics.json").exists()
    assert "AIDER" not in terminal.shown.partition("[Yes]: ")[0]
    assert KEY not in terminal.shown


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
