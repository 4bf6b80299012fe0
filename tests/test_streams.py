"""Each command, where a shell has closed its streams, filled them, or given a poor encoding."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence

import pytest

from tests.analytics.scene import KEY, line
from tests.support import PROGRAM, RESOLVES
from tools.user import PATIENCE, SCRIPTS, User

FULL = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")

COMMANDS: dict[str, tuple[list[str], int, int]] = {
    # the words, the exit code, and that where the standard output is lost
    "the state": (["cecli"], 0, 1),
    "the state after a warning": (["cecli", "--analytics"], 0, 1),
    "the help": (["cecli", "--help"], 0, 1),
    "the version": (["cecli", "--version"], 0, 1),
    "a bad option": (["cecli", "--no-such-option"], 2, 2),
    "a bad log": (["cecli", "--analytics-log", "."], 2, 2),
    "a disable": (["cecli", "--analytics-disable"], 0, 0),
    "a disable beside a mistake": (["cecli", "--analytics-disable", "--no-such-option"], 0, 0),
    "no verb": (["cecli-analytics"], 0, 1),
    "a bad verb": (["cecli-analytics", "stauts"], 2, 2),
    "the tool's help": (["cecli-analytics", "--help"], 0, 1),
    "a verb's help": (["cecli-analytics", "status", "--help"], 0, 1),
    "status": (["cecli-analytics", "status"], 3, 1),
    "preview": (["cecli-analytics", "preview"], 0, 1),
    "enable": (["cecli-analytics", "enable"], 1, 1),
    "events": (["cecli-analytics", "events"], 0, 1),
    "view": (["cecli-analytics", "view", "log.jsonl"], 0, 1),
    "the events of a log": (["cecli-analytics", "view", "log.jsonl", "--events"], 0, 1),
    "the numbers of a log": (["cecli-analytics", "view", "log.jsonl", "--json"], 0, 1),
    "view of no file": (["cecli-analytics", "view", "nothing"], 2, 2),
    "deliver": (["cecli-analytics", "deliver"], 0, 0),
    "the receiver's modes": (["cecli-analytics", "receiver", "--modes"], 0, 1),
}

STREAMS = {
    # what the shell does, and whether the command's output is lost by it
    "stdout closed": (">&-", True),
    "stderr closed": ("2>&-", False),
    "both closed": (">&- 2>&-", True),
    "stdin closed": ("<&-", False),
    "all closed": ("<&- >&- 2>&-", True),
    "stdout full": (">/dev/full", True),
    "stderr full": ("2>/dev/full", False),
    "both full": (">/dev/full 2>/dev/full", True),
    "stdout not for writing": ("1</dev/null", True),
}


def shell(
    user: User,
    words: Sequence[str],
    redirections: str = "",
    variables: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a console script by a shell that redirects its streams."""
    exec_ = f'exec "$@" {redirections}'
    return user.run(
        *("/bin/sh", "-c", exec_, "sh", str(SCRIPTS / words[0]), *words[1:]),
        variables={"DO_NOT_TRACK": "1", **(variables or {})},
        errors="surrogateescape",
    )


@pytest.fixture(autouse=True)
def log(user: User) -> None:
    (user.folder / "log.jsonl").write_bytes(line("me"))


@FULL
@pytest.mark.parametrize("streams", STREAMS.values(), ids=STREAMS)
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_lost_streams_are_no_traceback_and_the_exit_code_tells_of_the_work(
    user: User, command: tuple[list[str], int, int], streams: tuple[str, bool]
) -> None:
    words, code, code_if_lost = command
    redirections, lost = streams
    ended = shell(user, words, redirections, {"DO_NOT_TRACK": str(int("deliver" not in words))})
    assert ended.returncode == (code_if_lost if lost else code), ended
    assert "Traceback" not in ended.stdout + ended.stderr
    assert "Exception ignored" not in ended.stderr
    if "--analytics-disable" in words:
        assert json.loads(user.consent.read_text())["permanently_disable"] is True


@FULL
@pytest.mark.parametrize("redirections", [">&-", ">/dev/full", "1</dev/null"])
@pytest.mark.parametrize(
    "command", [each for each, (_, *codes) in COMMANDS.items() if codes in ([0, 1], [3, 1])]
)
def test_an_output_that_is_lost_is_told_in_one_sentence(
    user: User, command: str, redirections: str
) -> None:
    words = COMMANDS[command][0]
    told = shell(user, words, redirections).stderr.splitlines()
    said = shell(user, words).stderr.splitlines()
    assert told[:-1] == said
    assert re.match(r"cecli(-analytics)?[ a-z]*: error: the output can't be shown: ", told[-1])


@pytest.mark.parametrize("command", ["the state after a warning", "a bad option", "a bad verb"])
def test_no_stream_gets_what_was_for_another(user: User, command: str) -> None:
    words = COMMANDS[command][0]
    usual = shell(user, words)
    assert usual.stderr
    assert shell(user, words, "2>&-").stdout == usual.stdout
    assert shell(user, words, "<&-").stdout == usual.stdout


@FULL
@pytest.mark.parametrize("redirections", [">&-", ">/dev/full"])
def test_a_disable_that_cant_be_told_on_the_output_is_told_as_an_error_would_be(
    user: User, redirections: str
) -> None:
    told = shell(user, ["cecli", "--analytics-disable"], redirections).stderr
    assert "analytics is permanently disabled" in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_reader_that_has_gone_is_told_nothing(
    user: User, command: tuple[list[str], int, int]
) -> None:
    words, _, code = command
    usual = shell(user, words).stderr
    user.consent.unlink(missing_ok=True)
    reading, writing = os.pipe()
    os.close(reading)
    ended = user.run(*words, variables={"DO_NOT_TRACK": "1"}, stdout=writing)
    os.close(writing)
    if "deliver" in words:
        code = 1  # DO_NOT_TRACK
    assert ended.returncode == code
    if "--analytics-disable" not in words:
        assert ended.stderr == usual


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1:strict", "PYTHONUNBUFFERED": "1"},
        {"PYTHONUTF8": "0", "LC_ALL": "POSIX"},
    ],
    ids=str,
)
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_any_encoding_will_do(
    user: User, command: tuple[list[str], int, int], variables: dict[str, str]
) -> None:
    user.folder = user.folder / "проект\u202e"
    user.folder.mkdir()
    (user.folder / "log.jsonl").write_bytes(line("me"))
    words, code, _ = command
    variables["DO_NOT_TRACK"] = str(int("deliver" not in words))
    ended = shell(user, words, variables={"CECLI_ANALYTICS_LOG": "Ü\u202e", **variables})
    assert ended.returncode == code, ended
    assert "Traceback" not in ended.stderr
    assert "\u202e" not in ended.stdout + ended.stderr


HOSTILE = ["\x1b[2Jx", "\x1b]0;x\x07", "a\nb: error", "a\r\x08", "\x9b31m", "\u202etxt", "\udcff"]
NAMING = {
    "a file": ["cecli", "{}"],
    "an option": ["cecli", "--{}"],
    "an option's value": ["cecli", "--analytics={}"],
    "a log in no folder": ["cecli", "--analytics-log", "nowhere/{}"],
    "a log": ["cecli", "--analytics-log", "{}"],
    "a config": ["cecli", "-c", "{}"],
    "a host": ["cecli", "--analytics-posthog-host", "http://{}"],
    "a verb": ["cecli-analytics", "{}"],
    "an argument": ["cecli-analytics", "status", "{}"],
    "a verb's option": ["cecli-analytics", "status", "--{}"],
    "a log to view": ["cecli-analytics", "view", "{}"],
    "a page": ["cecli-analytics", "view", "log.jsonl", "--html", "nowhere/{}"],
    "a time": ["cecli-analytics", "view", "log.jsonl", "--since", "{}"],
    "a port": ["cecli-analytics", "receiver", "--port", "{}"],
    "an address": ["cecli-analytics", "receiver", "--address", "{}"],
    "a mode": ["cecli-analytics", "receiver", "--mode", "{}"],
    "a log in a folder": ["cecli-analytics", "receiver", "--file", "nowhere/{}"],
}


def obeyed(text: str) -> list[str]:
    """Return the characters of which a terminal shows nothing."""
    return [each for each in text if not each.isprintable() and each != "\n"]


@pytest.mark.parametrize("word", HOSTILE, ids=ascii)
@pytest.mark.parametrize("words", NAMING.values(), ids=NAMING)
def test_no_word_of_the_command_line_commands_the_terminal(
    user: User, words: list[str], word: str
) -> None:
    ended = shell(user, [each.replace("{}", word) for each in words])
    assert not obeyed(ended.stdout + ended.stderr)
    if ended.returncode == 2:
        assert ended.stderr.splitlines()[-1].startswith("cecli")  # the end of a line is none
        assert not [each for each in ended.stderr.splitlines() if each.startswith("b")]


@pytest.mark.parametrize("word", HOSTILE, ids=ascii)
def test_no_folder_and_no_key_of_a_file_commands_the_terminal(user: User, word: str) -> None:
    user.folder = user.folder / word
    user.folder.mkdir()
    text = f"{json.dumps(word)}: {json.dumps(word)}\n"
    (user.folder / ".cecli.conf.yml").write_text(text, errors="surrogatepass")
    ended = shell(user, ["cecli"])
    assert ended.returncode == 2
    assert not obeyed(ended.stderr)


SHOWS = f"""
import sys
print("mine")
{RESOLVES}
analytics.event("message_send_starting")
print("mine too")
sys.exit(7)
"""


@FULL
@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full", "<&-", "2</dev/null"])
def test_no_warning_that_is_lost_changes_a_programs_output_or_exit_code(
    user: User, redirection: str
) -> None:
    words = ["python", "-c", SHOWS, "--analytics", "--analytics-log", "/dev/full"]
    ended = shell(user, words, redirection)
    assert (ended.returncode, ended.stdout) == (7, "mine\nmine too\n")


@FULL
def test_a_warning_stands_behind_what_the_program_has_written_before(user: User) -> None:
    program = SHOWS.replace(
        'print("mine")',
        'sys.stderr.reconfigure(line_buffering=False); print("mine", file=sys.stderr)',
    )
    ended = shell(user, ["python", "-c", program, "--analytics"])
    assert ended.stderr.startswith("mine\n")
    assert "--analytics has no effect" in ended.stderr


@pytest.mark.parametrize("redirections", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_what_is_written_to_a_closed_stream_is_not_in_the_log(
    user: User, redirections: str
) -> None:
    program = (
        "import os, sys; from cecli import main\n"
        "def shows(recorder):\n"
        "    for number in range(3):\n"
        "        os.write(number, b'noise') if number else None\n"
        "    return 0, 'completed'\n"
        "main.show_status = shows\n"
        "sys.exit(main.main())"
    )
    ended = shell(user, ["python", "-c", program, "--analytics-log", "own.jsonl"], redirections)
    assert ended.returncode == 0
    lines = (user.folder / "own.jsonl").read_text().splitlines()
    assert [json.loads(each)["event"] for each in lines] == ["launched", "exit"]


def test_a_reader_that_is_slow_gets_all_through_a_pipe_that_doesnt_block(user: User) -> None:
    written = b"".join(line("me") for _ in range(3000))
    (user.folder / "log.jsonl").write_bytes(written)
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with subprocess.Popen(
        [SCRIPTS / "cecli-analytics", "view", "--events", "log.jsonl"],
        cwd=user.folder,
        env=user.process_environ(),
        stdout=writing,
        stderr=subprocess.PIPE,
    ) as child:
        os.close(writing)
        with open(reading, "rb") as file:
            shown = file.read()
        assert child.stderr
        assert child.stderr.read() == b""
    assert child.returncode == 0
    assert shown.count(b"launched") == 3000


@FULL
@pytest.mark.parametrize("argv", [[], ["--file", "/dev/full"]])
def test_a_receiver_whose_output_is_lost_ends(user: User, argv: list[str]) -> None:
    with subprocess.Popen(
        [SCRIPTS / "cecli-analytics", "receiver", *argv],
        cwd=user.folder,
        env=user.process_environ(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout
        assert child.stderr
        url = child.stdout.readline().strip()
        child.stdout.close()
        variables = {
            "CECLI_ANALYTICS_POSTHOG_HOST": url,
            "CECLI_ANALYTICS_POSTHOG_PROJECT_API_KEY": KEY,
        }
        user.agree(user.read(variables=variables).destination)
        user.run(sys.executable, "-c", PROGRAM, variables=variables, check=True)
        try:
            assert child.wait(PATIENCE) == 1
        finally:
            child.kill()
        assert "Traceback" not in child.stderr.read()
