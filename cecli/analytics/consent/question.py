"""The consent question: its text, and a typed answer or none."""

from __future__ import annotations

from contextlib import suppress
from typing import TextIO

INFO_URL = "https://cecli.dev/docs/more/analytics.html"

STATEMENT = f"""\
cecli respects your privacy and never collects your code, prompts, chats, keys or any personal
info.
For more info: {INFO_URL}
"""

QUESTION = "Allow collection of anonymous analytics to help improve cecli? (Y)es/(N)o [Yes]: "

_ANSWERS = {"": True, "y": True, "yes": True, "n": False, "no": False}


def ask(*, stdin: TextIO, stdout: TextIO, destination: str | None = None) -> bool | None:
    """Ask on the terminal until the answer is yes or no; return it, or None if there is none.

    Only a finished line is an answer; the end of the file and Ctrl-C are none. A *destination*
    other than cecli's own, and who set it, are named before the question.
    """
    try:
        stdout.write(STATEMENT)
        if destination is not None:
            stdout.write(f"Here the events would go to {destination}.\n")
        while True:
            _forget_typed_ahead(stdin)
            stdout.write(QUESTION)
            stdout.flush()
            answer = _ANSWERS.get(_line(stdin))
            if answer is not None:
                return answer
    except (EOFError, KeyboardInterrupt):
        stdout.write("\n")
    except (OSError, ValueError):
        pass  # the terminal has gone, or can't show the name of the destination
    return None


def _forget_typed_ahead(stdin: TextIO) -> None:
    """Drop what was typed before the question could be read: it answers something else."""
    try:
        import termios
    except ImportError:  # Windows
        return
    with suppress(termios.error):
        termios.tcflush(stdin.fileno(), termios.TCIFLUSH)


def _line(stdin: TextIO) -> str:
    try:
        line = stdin.readline()
    except UnicodeDecodeError:
        return "?"  # no answer that anybody could have meant, so ask again
    if not line.endswith("\n"):
        raise EOFError
    return line.strip(" \t\r\n").lower()
