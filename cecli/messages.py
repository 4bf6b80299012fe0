"""What people read: how it is written, and how files, values and system errors are named in it.

Owns every write to a person's stream, which may be closed, full, broken, and of any encoding.
Nothing that is shown can control the terminal. What couldn't be written is thrown away: at exit,
Python would try to write it again, fail, and exit with 120.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress

from cecli import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import IO, Any, NoReturn

MOST_PROBLEMS = 20
"""How many problems are shown; of two or more others, only their number is."""


class CantShow(Exception):
    """A stream takes no text; the message says why, as the end of a sentence."""

    def __init__(self, error: Exception) -> None:
        super().__init__(because(error))
        self._has_gone = isinstance(error, BrokenPipeError)

    def tell(self, prog: str) -> int:
        """Say on stderr that the output is lost; return the exit code of such a program.

        Nothing is said if the reader has gone away, as ``head`` does: that was a choice.
        """
        if not self._has_gone:
            say(f"{prog}: error: the output can't be shown: {self}", sys.stderr)
        return 1


def show(text: str, stream: IO[str] | None, *, styled: bool = False) -> None:
    """Write lines for people at once, with all but their ends made :func:`printable`.

    What the stream's encoding lacks becomes an escape. In a *styled* text the sequences that set
    colours and weights stay: who made it has made the values in it printable before.

    Raises:
        CantShow: not all of it could be written.
    """
    if stream is None:  # Python's word for a descriptor that is closed
        raise CantShow(ValueError("it is closed"))
    encoding = getattr(stream, "encoding", None) or "utf-8"
    lines = "\n".join(map(_painted if styled else printable, text.split("\n")))
    _write(lines, stream, encoding)


def overwrite(text: str, stream: IO[str]) -> None:
    """Write one line over the one that the cursor is in, on a terminal; nothing clears it.

    A line that can't be written is let go: it tells of progress only.
    """
    width = terminal_width(stream) - 1
    with suppress(CantShow):
        _write(f"\r{printable(text)[:width]}\x1b[K", stream, "utf-8")


def terminal_width(stream: IO[str] | None, unknown: int = 80) -> int:
    """Return a terminal's columns: what COLUMNS says, else what it says, else *unknown*."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isascii() and columns.isdigit() and int(columns[:6]) > 0:
        return int(columns[:6])
    try:
        return os.get_terminal_size(stream.fileno()).columns or unknown if stream else unknown
    except (OSError, ValueError, AttributeError):
        return unknown


def _painted(line: str) -> str:
    import re

    parts = re.split(r"(\x1b\[[0-9;]*m)", line)
    return "".join(part if number % 2 else printable(part) for number, part in enumerate(parts))


def _write(lines: str, stream: IO[str], encoding: str) -> None:
    data = lines.encode(encoding, "backslashreplace")
    try:
        if type(stream) is io.TextIOWrapper:
            stream.flush()
            _write_past_the_buffer(data.replace(b"\n", os.linesep.encode()), stream)
        else:  # a program has put it there; print asks no more of it
            print(data.decode(encoding), end="", file=stream, flush=hasattr(stream, "flush"))
    except (OSError, ValueError, AttributeError) as error:
        raise CantShow(error) from error


def say(text: str, stream: IO[str] | None) -> bool:
    """Show one line, or give up; return whether it was shown.

    For a line whose loss must not change how a program goes on, or how it ends.
    """
    try:
        show(printable(text) + "\n", stream)
    except CantShow:
        return False
    return True


def listed(problems: Sequence[str]) -> list[str]:
    """Return the first of the problems, each on one line, and how many more there are.

    >>> listed(["this is wrong"] * 22)[-1]
    'and 2 more problems'
    """
    told = [printable(problem) for problem in problems]
    more = len(told) - MOST_PROBLEMS
    return told if more < 2 else [*told[:MOST_PROBLEMS], f"and {more} more problems"]


def sentences(prog: str, problems: Sequence[str]) -> str:
    """Return a line for each problem that ends *prog*.

    >>> print(sentences("notes", ["this is wrong"]), end="")
    notes: error: this is wrong
    """
    return "".join(f"{prog}: error: {problem}\n" for problem in listed(problems))


def _write_past_the_buffer(data: bytes, stream: io.TextIOWrapper) -> None:
    raw: Any = getattr(stream.buffer, "raw", stream.buffer)  # the same where Python runs with -u
    while data:
        written = raw.write(data)
        if written is None:  # a program that shares it has made it non-blocking
            import select

            select.select([], [raw], [])
        data = data[written or 0 :]


class Showing:
    """What a parser of ours does besides: it prints as this module does.

    A help or version that can't be shown ends the program with 1.
    """

    prog: str

    def _print_message(self, message: str, file: Any = None) -> None:
        try:
            show(message, file)
        except CantShow as error:
            # None: stdout is closed. What goes to stderr is shown by exit.
            if file is None or file is sys.stdout:
                self.exit(error.tell(self.prog))

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """End the program; whether the message can be shown doesn't change how."""
        with suppress(CantShow):
            show(message or "", sys.stderr)
        sys.exit(status)


def printable(text: str) -> str:
    r"""Return *text* with each character that a terminal might obey, line ends too, as an escape.

    >>> print(printable("a\x1b[2J\nb"))
    a\x1b[2J\nb
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


LONGEST = 200
"""Characters of a value that a message shows; what is longer loses its middle."""


def cut(text: str, longest: int = LONGEST) -> str:
    """Return *text*, without its middle if it is longer than a person reads.

    >>> cut("a" * 10 + "b" * 1_000_000, 11)
    'aaaa...bbbb'
    """
    half = (longest - 3) // 2
    return text if len(text) <= longest else f"{text[:half]}...{text[-half:]}"


def quoted(text: str) -> str:
    """Return *text* in quotes, with nothing in it that a terminal might obey instead of show.

    >>> print(quoted("a\\nb"))
    'a\\nb'
    """
    return repr(cut(text))


def harmless(text: str, hidden: str = "the value (not shown)") -> str:
    """Quote a word that is shorter than a key, or a URL; anything else may be a key, misplaced.

    >>> harmless("maybe"), harmless("sk-proj-0123456789")
    ("'maybe'", 'the value (not shown)')
    """
    import re

    longest = 80 if re.match("https?://", text, re.IGNORECASE) else 16
    plain = len(text) <= longest and re.fullmatch(r"[\w.:/ -]*", text)
    return ascii(text) if plain and not re.match("ph[a-z]_", text) else hidden


def shown(path: str, home: str | None = None) -> str:
    """Return *path* as a person writes it, with ``~`` for *home*.

    A path that a terminal might obey is put in quotes, with escapes.

    >>> shown("/home/ada/.cecli.conf.yml", home="/home/ada")
    '~/.cecli.conf.yml'
    """
    if home is not None and path.startswith(home.rstrip(os.sep) + os.sep):
        path = "~" + path[len(home.rstrip(os.sep)) :]
    path = cut(path)
    return path if path.isprintable() else ascii(path)


def shell_word(path: str) -> str:
    """Return *path* as a word of a shell's command line, without what a terminal might obey.

    >>> shell_word("/home/ada/my files"), shell_word("/tmp/a\\x1bb")
    ("'/home/ada/my files'", "$'/tmp/a\\\\x1bb'")
    """
    if path.isprintable():
        from shlex import quote  # 1 ms, and few need it

        return quote(path)
    letters = (chr(byte) for byte in os.fsencode(path))
    plain = (
        c if c.isascii() and (c.isalnum() or c in "/._-") else f"\\x{ord(c):02x}" for c in letters
    )
    return f"$'{''.join(plain)}'"


def because(error: Exception) -> str:
    """Return the reason for an error, the system's or our own, as the end of a sentence.

    >>> because(FileNotFoundError(2, "No such file or directory")), because(OSError("isn't JSON"))
    ('no such file or directory', "isn't JSON")
    """
    reason: str | None = getattr(error, "strerror", None)
    return reason.lower() if reason else str(error)
