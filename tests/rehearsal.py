"""Owns running random sessions, as a program before a terminal of its own.

It prints what came of each seed:

    python -m tests.rehearsal FIRST COUNT
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import shutil
import sys
import tempfile
import termios
import threading
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from cecli.analytics import add_arguments, resolve
from cecli.args import ArgumentParser
from tests.combinations import as_possible, combination, names
from tests.oracle import NAMED, File, Session
from tests.support import ANOTHER
from tools.user import User


def _make(path: Path, file: File) -> None:
    if os.geteuid() == 0:
        uid = ANOTHER if file.owner == "another" else 0
        os.chown(path, uid, ANOTHER if file.group == "another" else os.getegid())
    path.chmod(file.mode)


class Person:
    """Sits before a terminal, and answers what ends with a colon."""

    def __init__(self) -> None:
        self._screen, self.terminal = pty.openpty()
        fcntl.ioctl(self.terminal, termios.TIOCSCTTY, 0)
        self.nothing = os.open(os.devnull, os.O_RDWR)
        self._lines: list[str] = []
        self._shown = ""
        self._seen = threading.Event()
        threading.Thread(target=self._look, daemon=True).start()

    def will_type(self, lines: tuple[str, ...]) -> None:
        termios.tcflush(self.terminal, termios.TCIFLUSH)
        self._lines, self._shown = list(lines), ""

    def shown(self) -> str:
        """Return what was shown since then, when all of it has been read."""
        self._seen.clear()
        os.write(self.terminal, b"\0")
        assert self._seen.wait(60), self._shown
        return self._shown

    def _look(self) -> None:
        while True:
            self._shown += os.read(self._screen, 65536).decode(errors="replace")
            if self._shown.endswith("\0"):
                self._seen.set()
            elif self._shown.rstrip().endswith(":"):
                os.write(self._screen, self._next())

    def _next(self) -> bytes:
        return f"{self._lines.pop(0)}\n".encode() if self._lines else b"\x04"


def run(session: Session, base: Path, person: Person) -> str:
    """Let a session begin and end; return the state that it was in, or how it ended before."""
    shutil.rmtree(base, ignore_errors=True)
    user = User(base)
    machine = base / "etc" / "cecli" / "cecli.conf.yml"
    machine.parent.mkdir(parents=True)
    for source, file in session.files.items():
        name = "--config" if source == "named" else source
        path = machine if source == "machine" else user.config(name)
        path.write_text(file.text)
        _make(path, file)
    if session.record_folder:
        user.consent.parent.mkdir()
        if session.record:
            user.consent.write_text(session.record.text)
            _make(user.consent, session.record)
        _make(user.consent.parent, session.record_folder)
    if session.home == "another's":
        os.chown(user.home, ANOTHER, ANOTHER)
    home = "" if session.home == "nowhere" else str(user.home)
    variables = {
        name: value.replace(NAMED, str(user.named)) for name, value in session.variables.items()
    }
    environ = {**variables, "HOME": home, "USERPROFILE": home, "CECLI_DELIVERER": "none starts"}
    os.environ.update(HOME=home, USERPROFILE=home)
    argv = [word.replace(NAMED, str(user.named)) for word in session.argv]
    os.chdir(user.folder)
    person.will_type(session.typed)
    reading = person.terminal if session.terminal in ("both", "input") else person.nothing
    writing = person.terminal if session.terminal in ("both", "output") else person.nothing
    told = io.StringIO()
    with (
        open(reading, closefd=False) as stdin,
        open(writing, "w", closefd=False) as stdout,
        redirect_stdout(told),
        redirect_stderr(told),
    ):
        try:
            parser = ArgumentParser(environ=environ, folder=str(user.folder))
            add_arguments(parser)
            parser._machine_folder = str(base / "etc")
            args = parser.parse_args(argv, env_vars=environ)
            with resolve(args, parser, stdin=stdin, stdout=stdout, stderr=told) as analytics:
                state = str(analytics.status.state)
        except SystemExit as ended:
            state = f"exit {ended.code}"
        except Exception as error:  # noqa: BLE001 - it is shown, with its seed
            state = f"{type(error).__name__}: {error}"
    person.shown()
    return state


def main(first: int, count: int) -> None:
    os.environ["CECLI_DELIVERER"] = "none starts"
    person = Person()
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        name_of = names(base / "names")
        for seed in range(first, first + count):
            session = as_possible(combination(seed, name_of))
            print(json.dumps([seed, run(session, base / "user", person)]), flush=True)
        os.chdir("/")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
