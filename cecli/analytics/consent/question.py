"""The consent question: its text, and a typed answer or none."""

from __future__ import annotations

from contextlib import suppress

from cecli import TYPE_CHECKING
from cecli.layout import columns, wrapped
from cecli.messages import CantShow, show

if TYPE_CHECKING:
    from typing import TextIO

    from cecli.analytics.program import Program

_STATEMENT = (
    "{name} respects your privacy and never collects your code, prompts, chats, keys or any "
    "personal info."
)
_INFO = "For more info: {url}"
_ELSEWHERE = "Here the events would go to {destination}."
_QUESTION = "Allow collection of anonymous analytics to help improve {name}? (Y)es/(N)o [{enter}]: "

_ANSWERS = {"y": True, "yes": True, "n": False, "no": False}


def ask(
    program: Program,
    *,
    stdin: TextIO,
    stdout: TextIO,
    destination: str | None = None,
    by_project: bool = False,
) -> bool | None:
    """Ask on the terminal until the answer is yes or no; return it, or None if there is none.

    Only a finished line is an answer; the end of the file and Ctrl-C are none. A *destination*
    other than the program's own, and who set it, are named before the question. Enter is yes; where
    the question comes *by_project*, Enter is no answer.
    """
    width = columns(stdout)
    question = wrapped(
        _QUESTION.format(name=program.name, enter="No" if by_project else "Yes"), width
    )
    try:
        show(wrapped(_STATEMENT.format(name=program.name), width) + "\n", stdout)
        show(_INFO.format(url=program.info_url) + "\n", stdout)
        if destination is not None:
            show(wrapped(_ELSEWHERE.format(destination=destination), width) + "\n", stdout)
        while True:
            _forget_typed_ahead(stdin)
            show(question + " ", stdout)
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
