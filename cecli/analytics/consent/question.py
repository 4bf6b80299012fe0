"""The consent question: its text, and a typed answer or none."""

from __future__ import annotations

from contextlib import suppress
from typing import TextIO

from cecli.messages import CantShow, show

INFO_URL = "https://cecli.dev/docs/more/analytics.html"

STATEMENT = f"""\
cecli respects your privacy and never collects your code, prompts, chats, keys or any personal
info.
For more info: {INFO_URL}
"""

QUESTION = "Allow collection of anonymous analytics to help improve cecli? (Y)es/(N)o [Yes]: "
GUARDED = QUESTION.replace("[Yes]", "[No]")
"""The question that a project's file brought about, or for a destination that it names."""

_ANSWERS = {"y": True, "yes": True, "n": False, "no": False}


def ask(
    *,
    stdin: TextIO,
    stdout: TextIO,
    destination: str | None = None,
    by_project: bool = False,
) -> bool | None:
    """Ask on the terminal until the answer is yes or no; return it, or None if there is none.

    Only a finished line is an answer; the end of the file and Ctrl-C are none. A *destination*
    other than cecli's own, and who set it, are named before the question. Enter is yes; where
    the question comes *by_project*, Enter is no answer.
    """
    try:
        show(STATEMENT, stdout)
        if destination is not None:
            show(f"Here the events would go to {destination}.\n", stdout)
        while True:
            _forget_typed_ahead(stdin)
            show(GUARDED if by_project else QUESTION, stdout)
            typed = _line(stdin)
            if typed == "":
                return None if by_project else True
            if typed in _ANSWERS:
                return _ANSWERS[typed]
            show("Please type y or n.\n", stdout)
    except (EOFError, KeyboardInterrupt):
        with suppress(CantShow):
            show("\n", stdout)
    except (OSError, ValueError, CantShow):
        pass  # the terminal has gone
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
