"""Owns a user for whom cecli can be run: a home, a repository, a terminal, and patience."""

from __future__ import annotations

import codecs
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from cecli.analytics import add_arguments
from cecli.analytics.consent.file import ConsentFile
from cecli.analytics.destination import Destination
from cecli.analytics.paths import Paths
from cecli.analytics.program import DEFAULT_HOST
from cecli.analytics.registration import parsed
from cecli.analytics.settings.merge import InvalidSettings, Settings
from cecli.args import ArgumentParser

PATIENCE = 180.0
"""Seconds after which something that should have happened counts as not happening."""

SCRIPTS = Path(sys.executable).parent
"""Where the console scripts are installed."""

DEFAULT = Destination(DEFAULT_HOST, None)
"""Where events go unless somebody sets it otherwise."""

_T = TypeVar("_T")


def until(condition: Callable[[], _T | None], what: str = "") -> _T:
    """Return what *condition* gives once that is true; fail if it isn't for too long."""
    give_up = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < give_up, f"waited in vain for {what or condition}"
        time.sleep(0.02)
    return found


def run(
    *words: str | Path,
    environ: Mapping[str, str] = os.environ,
    check: bool = False,
    **options: Any,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, without a terminal; its first word is a script's name, or a path.

    The output is kept; *options* are those of :func:`subprocess.run`.
    """
    settings: dict[str, Any] = {
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
        "timeout": PATIENCE,
    }
    command = [SCRIPTS / words[0], *words[1:]]
    return subprocess.run(command, env=dict(environ), check=check, **{**settings, **options})


class Home:
    """A user's home folder, what it holds of analytics, and processes that call it their home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.paths = Paths(str(home))
        self.environ = {"HOME": str(home), "USERPROFILE": str(home)}

    @property
    def consent(self) -> Path:
        """The consent record."""
        return Path(self.paths.consent)

    def agree(self, destination: Destination = DEFAULT, agreed: bool = True) -> str:
        """Store an answer for a destination; return the user's id."""
        record = ConsentFile(self.paths).update(
            lambda record: record.with_answer(destination.id, agreed)
        )
        assert record.uuid
        return record.uuid

    def run(
        self, *words: str | Path, variables: Mapping[str, str] | None = None, **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as this user, as :func:`run` does."""
        return run(*words, environ=self.process_environ(variables), **options)

    def cecli(
        self, *argv: str, variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run the real command as this user."""
        return self.run("cecli", *argv, variables=variables)

    def process_environ(self, variables: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the environment of a process of this user."""
        return {**os.environ, **self.environ, **(variables or {})}


class User(Home):
    """A user who stands in a folder of a git repository that somebody else may have written."""

    def __init__(self, base: Path) -> None:
        super().__init__(base / "home")
        self.root = self.home / "projects" / "repository"
        self.folder = self.root / "src"
        self.folder.mkdir(parents=True)
        (self.root / ".git").mkdir()
        (self.root / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
        self.named = base / "named.yml"

    def config(self, source: str) -> Path:
        """Return the config file of a source: home, root, folder or --config."""
        if source == "--config":
            return self.named
        folders = {"home": self.home, "root": self.root, "folder": self.folder}
        return folders[source] / ".cecli.conf.yml"

    def write(self, **texts: str) -> None:
        """Write config files; ``named`` stands for --config."""
        for source, text in texts.items():
            self.config("--config" if source == "named" else source).write_text(text)

    def read(
        self, argv: Sequence[str] = (), variables: Mapping[str, str] | None = None
    ) -> Settings:
        """Return what these arguments and variables, and the files written, come to."""
        parser = self.parser(variables)
        argv = [*argv, *(["--config", str(self.named)] if self.named.exists() else [])]
        return self.parse(parser, argv, variables)

    def parser(self, variables: Mapping[str, str] | None = None) -> ArgumentParser:
        """Return cecli's parser, as it stands in the user's folder."""
        environ = {**self.environ, **(variables or {})}
        parser = ArgumentParser(environ=environ, folder=str(self.folder))
        add_arguments(parser)
        return parser

    def parse(
        self, parser: Any, argv: Sequence[str] = (), variables: Mapping[str, str] | None = None
    ) -> Settings:
        """Let a parser parse in the user's folder, and return what was set.

        Raises:
            InvalidSettings: the parser's ``error`` was called.
        """

        def error(message: str) -> NoReturn:
            raise InvalidSettings(message.split("\n"))

        before, parser.error = (os.getcwd(), dict(os.environ)), error
        os.chdir(self.folder)
        os.environ.update(self.environ)
        try:
            parser.parse_args(list(argv), env_vars={**self.environ, **(variables or {})})
        finally:
            os.chdir(before[0])
            os.environ.update({name: before[1][name] for name in self.environ})
            del parser.error
        return parsed(parser).settings

    def run(
        self, *words: str | Path, variables: Mapping[str, str] | None = None, **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the user's folder."""
        return super().run(*words, variables=variables, **{"cwd": self.folder, **options})


class Terminal:
    """A real pseudo-terminal with a process in its foreground; *stdout* may be a file instead."""

    _ADOPT = (
        "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
        "os.execv(sys.argv[1], sys.argv[1:])"
    )

    def __init__(
        self, *command: str, cwd: Path | str, env: Mapping[str, str], stdout: Path | None = None
    ) -> None:
        self._master, slave = pty.openpty()
        self.shown = ""
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        output = os.dup(slave) if stdout is None else os.open(stdout, os.O_WRONLY | os.O_CREAT)
        self._process = subprocess.Popen(
            [sys.executable, "-c", self._ADOPT, sys.executable, *command],
            cwd=cwd,
            env=dict(env),
            stdin=slave,
            stdout=output,
            stderr=slave,
            start_new_session=True,
        )
        os.close(output)
        os.close(slave)

    def wait_for(self, text: str, times: int = 1) -> None:
        """Wait until *text* has been shown that many times."""
        give_up = time.monotonic() + PATIENCE
        while self.shown.count(text) < times:
            assert time.monotonic() < give_up, f"{text!r} was not shown: {self.shown!r}"
            assert self._read(), f"ended without showing {text!r}: {self.shown!r}"

    def type(self, keys: str) -> None:
        """Type keys; ``\\x03`` is Ctrl-C, ``\\x04`` Ctrl-D."""
        if "\x03" in keys:
            # One that comes just before Python calls read doesn't end that call; who waits for a
            # question to be answered is no faster than the system.
            until(self._sleeps, "the terminal to be read")
        os.write(self._master, keys.encode(errors="surrogateescape"))

    def finish(self) -> int:
        """Wait for the end and return the exit code."""
        while self._read():
            pass
        os.close(self._master)
        return self._process.wait(timeout=PATIENCE)

    def _sleeps(self) -> bool:
        try:
            status = Path(f"/proc/{self._process.pid}/stat").read_text(errors="replace")
        except FileNotFoundError:  # no Linux
            return True
        return status.rpartition(")")[2].split()[0] not in "RD"

    def _read(self) -> bool:
        ready, _, _ = select.select([self._master], [], [], PATIENCE)
        assert ready, f"nothing more was shown: {self.shown!r}"
        try:
            raw = os.read(self._master, 65536)
        except OSError:  # EIO: Linux's way to say that the other end is closed
            return False
        self.shown = (self.shown + self._decode(raw)).replace("\r\n", "\n")  # also one cut in two
        return bool(raw)
