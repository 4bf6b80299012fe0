"""Show a session with analytics from the question to PostHog's end, on this machine alone.

Everything is real: a pseudo-terminal on which "yes" is typed, a config file, a variable, flags, the
detached deliverer, and a receiver on loopback in PostHog's place. The home folder is a temporary
one. Exits with 1 if the log and what was received differ.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.user import SCRIPTS, Terminal, until
from tools.wire import as_logged

PAGE = Path(__file__).parents[1] / "build" / "demo.html"
"""The page of the session's log, which stays."""


def main() -> int:
    """Run the demonstration; return the exit code."""
    with tempfile.TemporaryDirectory(prefix="cecli-demo-") as base:
        home, project = Path(base, "home"), Path(base, "project")
        home.mkdir()
        project.mkdir()
        received, log = Path(base, "received.jsonl"), project / "analytics.jsonl"
        receiver = subprocess.Popen(
            [SCRIPTS / "cecli-analytics", "receiver", "--file", received],
            stdout=subprocess.PIPE,
            text=True,
            env=environment(home),
        )
        try:
            assert receiver.stdout is not None
            url = receiver.stdout.readline().strip()
            return session(home, project, log, received, url)
        finally:
            receiver.terminate()
            receiver.communicate()


def session(home: Path, project: Path, log: Path, received: Path, url: str) -> int:
    """Run one session against the receiver at *url* and compare its log with what arrived."""
    config = home / ".cecli.conf.yml"
    config.write_text(f"analytics: true\nanalytics-posthog-host: {url}\n")
    title("~/.cecli.conf.yml")
    print(config.read_text(), end="")

    variables = {"CECLI_ANALYTICS_POSTHOG_PROJECT_API_KEY": "phc_demo"}
    command = ["cecli", "--analytics-log", log.name]
    title("CECLI_ANALYTICS_POSTHOG_PROJECT_API_KEY=phc_demo " + " ".join(command))
    print(typed("yes\n", command, project, environment(home, variables)), end="")

    title(f"the log, {log.name}")
    print(log.read_text(), end="")
    logged = [json.loads(line) for line in log.read_text().splitlines()]

    title("what the receiver got, as PostHog would")
    arrived = wait_for(received, len(logged))
    for item in arrived:
        print(json.dumps(item))
    same = [as_logged(item) for item in arrived] == logged
    print(f"\nlog and receiver {'agree' if same else 'DIFFER'}: {len(logged)} events")

    environ = environment(home, variables)
    for words in (["cecli-analytics", "status"], ["cecli", "--analytics-disable"]):
        show(words, project, environ)
    title("what is left in ~/.cecli")
    for path in sorted((home / ".cecli").rglob("*")):
        print(path.relative_to(home))

    PAGE.parent.mkdir(exist_ok=True)
    show(["cecli-analytics", "view", log.name], project, environ)
    show(["cecli-analytics", "view", log.name, "--html", str(PAGE)], project, environ)
    return 0 if same else 1


def show(words: list[str], folder: Path, environ: Mapping[str, str]) -> None:
    """Run a command below its heading."""
    title(" ".join(words))
    subprocess.run([SCRIPTS / words[0], *words[1:]], cwd=folder, env=environ, check=True)


def typed(keys: str, command: list[str], folder: Path, environ: Mapping[str, str]) -> str:
    """Run a command on a pseudo-terminal, type *keys* when it asks, and return what it showed."""
    terminal = Terminal(str(SCRIPTS / command[0]), *command[1:], cwd=folder, env=environ)
    terminal.wait_for("[Yes]: ")
    terminal.type(keys)
    assert terminal.finish() == 0
    return terminal.shown


def wait_for(received: Path, count: int) -> list[dict[str, Any]]:
    """Return the received items, in the order of their arrival, once there are *count* of them."""
    until(lambda: len(lines_of(received)) >= count, "a delivery")
    return [json.loads(line) for line in lines_of(received)]


def lines_of(file: Path) -> list[str]:
    """Return the lines of a file, none if it isn't there."""
    return file.read_text().splitlines() if file.exists() else []


def environment(home: Path, variables: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return an environment in which nothing of the user's can be met."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TERM") if name in os.environ}
    return {**kept, "HOME": str(home), **(variables or {})}


def title(text: str) -> None:
    """Print a heading."""
    print(f"\n\033[1m$ {text}\033[0m" if sys.stdout.isatty() else f"\n$ {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
