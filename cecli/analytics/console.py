"""The streams on which a program's user reads and answers."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress

from cecli import TYPE_CHECKING
from cecli.messages import CantShow, say, sentences, show
from cecli.named_tuple import NamedTuple

if TYPE_CHECKING:
    from typing import NoReturn, TextIO


class Console(NamedTuple):
    """A program's name and its streams, each of which may be lost."""

    prog: str
    stdin: TextIO
    stdout: TextIO
    stderr: TextIO

    def say(self, text: str) -> None:
        """Show a line on stderr; give up in silence if nobody can see it."""
        say(f"{self.prog}: {text}", self.stderr)

    def report(self, text: str) -> None:
        """Show what the program was asked for on stdout, or on stderr if stdout is lost."""
        if not say(f"{self.prog}: {text}", self.stdout):
            self.say(text)

    def tell_problems(self, problems: Sequence[str]) -> None:
        """Show a sentence for each problem."""
        with suppress(CantShow):
            show(sentences(self.prog, problems), self.stderr)

    def stop(self, code: int, problems: Sequence[str]) -> NoReturn:
        """End the program after a sentence for each problem."""
        self.tell_problems(problems)
        sys.exit(code)
