"""What several tests need: a user with a home and a repository, a terminal, and patience."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from cecli.analytics import add_arguments, settings
from cecli.analytics.settings import Settings
from cecli.args import make_parser

PATIENCE = 60.0
"""Seconds after which something that should have happened counts as not happening."""


class User:
    """A user who stands in a folder of a git repository that somebody else may have written."""

    def __init__(self, base: Path) -> None:
        self.home = base / "home"
        self.root = base / "home" / "work" / "repository"
        self.folder = self.root / "src"
        self.folder.mkdir(parents=True)
        (self.root / ".git").mkdir()
        (self.root / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
        self.named = base / "named.yml"
        self.environ = {"HOME": str(self.home), "USERPROFILE": str(self.home)}

    @property
    def consent(self) -> Path:
        return self.home / ".cecli" / "analytics.json"

    def config(self, place: str) -> Path:
        """Return the config file of a place: home, root, folder or --config."""
        if place == "--config":
            return self.named
        return {"home": self.home, "root": self.root, "folder": self.folder}[
            place
        ] / ".cecli.conf.yml"

    def write(self, **texts: str) -> None:
        """Write config files; ``named`` stands for --config."""
        for place, text in texts.items():
            self.config("--config" if place == "named" else place).write_text(text)

    def read(
        self, argv: Sequence[str] = (), variables: Mapping[str, str] | None = None
    ) -> Settings:
        """Return what these arguments and variables, and the files written, come to."""
        environ = {**self.environ, **(variables or {})}
        parser = make_parser(environ=environ, folder=str(self.folder))
        add_arguments(parser)
        argv = [*argv, *(["--config", str(self.named)] if self.named.exists() else [])]
        namespace = parser.parse_args(argv, env_vars=environ)
        return settings.read(
            namespace, parser, environ=environ, home=str(self.home), folder=str(self.folder)
        )

    def cecli(
        self, *argv: str, variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run the real command without a terminal."""
        return subprocess.run(
            [sys.executable, "-m", "cecli.main", *argv],
            cwd=self.folder,
            env=self.process_environ(variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def process_environ(self, variables: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the environment of a process of this user."""
        return {**os.environ, **self.environ, **(variables or {})}


class Terminal:
    """A real pseudo-terminal with a process in its foreground."""

    _ADOPT = (
        "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
        "os.execv(sys.argv[1], sys.argv[1:])"
    )

    def __init__(
        self, *command: str, cwd: Path | str, env: Mapping[str, str], shut: str = ""
    ) -> None:
        import pty

        self._master, slave = pty.openpty()
        self.shown = ""
        self._process = subprocess.Popen(
            [sys.executable, "-c", self._ADOPT, sys.executable, *command],
            cwd=cwd,
            env=dict(env),
            stdin=slave,
            stdout=subprocess.DEVNULL if shut == "stdout" else slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)

    def wait_for(self, text: str, times: int = 1) -> None:
        """Wait until *text* has been shown that many times."""
        give_up = time.monotonic() + PATIENCE
        while self.shown.count(text) < times:
            assert time.monotonic() < give_up, f"{text!r} was not shown: {self.shown!r}"
            assert self._read(), f"ended without showing {text!r}: {self.shown!r}"

    def type(self, keys: str) -> None:
        """Type keys; ``\\x03`` is Ctrl-C, ``\\x04`` Ctrl-D."""
        os.write(self._master, keys.encode(errors="surrogateescape"))

    def finish(self) -> int:
        """Wait for the end and return the exit code."""
        while self._read():
            pass
        os.close(self._master)
        return self._process.wait(timeout=PATIENCE)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._master], [], [], PATIENCE)
        assert ready, f"nothing more was shown: {self.shown!r}"
        try:
            raw = os.read(self._master, 65536)
        except OSError:  # EIO: Linux's way to say that the other end is closed
            return False
        self.shown += raw.decode(errors="replace").replace("\r\n", "\n")
        return bool(raw)


def all_at_once(
    programs: Sequence[Sequence[str]], *, cwd: Path, env: Mapping[str, str]
) -> list[tuple[int, str]]:
    """Start Python programs that wait for the end of their input; let all go at the same moment.

    Returns each one's exit code and output.
    """
    gate, opener = os.pipe()
    running = [
        subprocess.Popen(
            [sys.executable, *program],
            cwd=cwd,
            env=dict(env),
            stdin=gate,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for program in programs
    ]
    os.close(gate)
    os.close(opener)
    ended = [process.communicate(timeout=PATIENCE) for process in running]
    return [(p.returncode, out) for p, (out, _) in zip(running, ended, strict=True)]
