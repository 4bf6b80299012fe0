"""What several tests need: programs, what they may load, and ways to run them."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tools.user import PATIENCE

NETWORK = {"posthog", "requests", "urllib3", "ssl", "socket", "subprocess", "asyncio"}
"""Modules that no session may load: with them it could open something."""
SLOW = {"dataclasses", "datetime", "inspect", "logging", "pathlib", "typing", "uuid"}
"""Modules that a user would have to wait for."""

RESOLVES = """
from cecli.analytics import add_arguments, resolve
from cecli.args import ArgumentParser
parser = ArgumentParser()
add_arguments(parser)
analytics = resolve(parser.parse_args(), parser)
"""
"""A program up to where it has its ``analytics``."""

PROGRAM = f"""{RESOLVES}
for _ in range(10):
    analytics.event("message_send_starting")
print(analytics.status.state)
"""
"""A program that records ten events and prints what its analytics does."""

MEASURES = "COVERAGE_PROCESS_CONFIG"
"""The variable by which coverage measures what child processes run; it loads modules in them."""

ANOTHER = 65534
"""The number of another user, ``nobody``, and of another group."""
needs_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can be two users"
)


def loaded_by(code: str, *argv: str, given: str = "", **options: Any) -> set[str]:
    """Return the modules that *code* loads in a process of its own that has run *given* before."""
    environ = {**options.pop("env", os.environ)}
    environ.pop(MEASURES, None)
    program = (
        f"import sys\n{given}\nbefore = set(sys.modules)\n{code}\n"
        "print()\nprint(*(set(sys.modules) - before))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, *argv],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=PATIENCE,
        env=environ,
        **options,
    )
    return set(ended.stdout.splitlines()[-1].split())


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let no file of this process grow over *size* bytes, as on a disk that is full."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)


@contextmanager
def no_file_left_open() -> Iterator[None]:
    """Fail if the next file would have another number than before."""
    before = os.dup(0)
    os.close(before)
    yield
    after = os.dup(0)
    os.close(after)
    assert after == before


WAIT = "import os, sys\nos.write(1, b'.')\nsys.stdin.read()\n"
"""Where a program waits for the others, in :func:`all_at_once`."""


def all_at_once(
    programs: Sequence[Sequence[str]], *, cwd: Path, env: Mapping[str, str]
) -> list[tuple[int, str]]:
    """Start Python programs that hold :data:`WAIT`; once all have come to it, let them go on.

    Returns each one's exit code and what it has printed from there on.
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
    came = [os.read(process.stdout.fileno(), 1) for process in running if process.stdout]
    os.close(opener)
    ended = [process.communicate(timeout=PATIENCE) for process in running]
    assert came == [b"."] * len(programs), ended
    return [(p.returncode, out) for p, (out, _) in zip(running, ended, strict=True)]
