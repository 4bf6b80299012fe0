"""The ground on which candidates stand: their Python, their home, and servers on this machine."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.timing import Candidate
from cecli.analytics import ids
from cecli.analytics.consent.file import ConsentFile
from cecli.analytics.spool.token import Token
from tools.user import Home, until

ROOT = Path(__file__).parents[1]
PROGRAMS = ROOT / "benchmarks" / "programs"
NEWEST = Path(sys.executable)
"""This Python, with the newest PostHog SDK that cecli takes."""
_AIDER = ROOT / ".tox" / "py312-aider" / "bin"

KEY = "phc_benchmark"
HOST, HOST_VARIABLE = "--analytics-posthog-host", "CECLI_ANALYTICS_POSTHOG_HOST"


def program(
    name: str, *words: str | Path, python: Path = NEWEST, environ: Mapping[str, str]
) -> Candidate:
    """Return one of :file:`programs/` as a candidate."""
    return Candidate([str(python), str(PROGRAMS / f"{name}.py"), *map(str, words)], environ)


def aider(script: str = "python") -> Path:
    """Return a script of the Python that has aider, with the SDK that aider takes.

    Raises:
        RuntimeError: it isn't there.
    """
    if not (_AIDER / script).exists():
        raise RuntimeError(f"{_AIDER / script} isn't there: `make bench` makes it")
    return _AIDER / script


def agree_to_aider(home: Path) -> None:
    """Let a home hold a yes to aider's own analytics, and the list of models that it would load."""
    (home / ".aider" / "caches").mkdir(parents=True)
    answer = {"uuid": ids.new(), "asked_opt_in": True, "permanently_disable": False}
    (home / ".aider" / "analytics.json").write_text(json.dumps(answer))
    models = {"gpt-4o": {"litellm_provider": "openai"}}
    list_of_models = home / ".aider" / "caches" / "model_prices_and_context_window.json"
    list_of_models.write_text(json.dumps(models))


def environ(home: Path) -> dict[str, str]:
    """Return the environment of a candidate: this home, this source tree, its guard, no proxy."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CECLI_", "AIDER_", "POSTHOG_", "PYTHON"))
        and not name.upper().endswith("_PROXY")
        and name not in ("CI", "DO_NOT_TRACK")
    }
    path = os.pathsep.join((str(ROOT / "benchmarks" / "guard"), str(ROOT)))
    return {**kept, "HOME": str(home), "USERPROFILE": str(home), "PYTHONPATH": path}


@contextmanager
def user(*hosts: str) -> Iterator[Home]:
    """Give a home whose user has agreed to cecli's own project at some hosts."""
    with tempfile.TemporaryDirectory() as base:
        home = Home(Path(base))
        for host in hosts:
            agree(home, host)
        try:
            yield home
        finally:
            start_anew(home)


def agree(home: Home, host: str) -> None:
    """Store the yes of a home's user to cecli's own project at a host."""
    ConsentFile(home.paths).update(lambda record: record.with_answer(host, True))


@contextmanager
def receiver(mode: str = "ok") -> Iterator[str]:
    """Run a receiver, and give its URL; in a process of its own, so that it slows no candidate."""
    child = subprocess.Popen(
        [NEWEST, PROGRAMS / "receiver.py", mode], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        assert child.stdout
        yield child.stdout.readline().strip()
    finally:
        child.kill()
        child.communicate()


def start_anew(home: Home) -> None:
    """End the deliverer that the last session started, and forget what it left.

    Otherwise the next session would share the processor with it, or start none. One that pauses
    first has no name in the token yet; it uses nothing meanwhile, and ends when the token is gone.
    """
    token, patience = Token(home.paths.spool), time.monotonic() + 2

    def ended() -> bool:
        if holder := token.holder():  # None until the deliverer has taken the token over
            with suppress(ProcessLookupError):
                os.kill(int(holder.rsplit("-", 2)[1]), signal.SIGKILL)
        return not token.is_taken() or time.monotonic() > patience

    until(ended, "the end of the deliverer")
    shutil.rmtree(home.paths.spool, ignore_errors=True)


def ready(home: Home, python: Path = NEWEST) -> None:
    """Start anew, and fill the caches that every candidate needs, whichever ran before."""
    start_anew(home)
    subprocess.run([python, "-c", "import configargparse, json"], check=True)
