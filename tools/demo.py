"""Show a session with analytics from the question to PostHog's end, on this machine alone.

Everything is real: a pseudo-terminal on which "yes" is typed, a config file, a variable, flags, the
detached deliverer, and a receiver on loopback in PostHog's place. The home folder is a temporary
one. Exits with 1 if the log and what was received differ.
"""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

PATIENCE = 60.0
BIN = Path(sys.executable).parent


def main() -> int:
    """Run the demonstration; return the exit code."""
    with tempfile.TemporaryDirectory(prefix="cecli-demo-") as base:
        home, project = Path(base, "home"), Path(base, "project")
        home.mkdir()
        project.mkdir()
        received, log = Path(base, "received.jsonl"), project / "analytics.jsonl"
        receiver = subprocess.Popen(
            [BIN / "cecli-analytics", "receiver", "--file", received],
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

    for tail in (["cecli-analytics", "status"], ["cecli", "--analytics-disable"]):
        title(" ".join(tail))
        subprocess.run([BIN / tail[0], *tail[1:]], cwd=project, env=environment(home), check=True)
    title("what is left in ~/.cecli")
    for path in sorted((home / ".cecli").rglob("*")):
        print(path.relative_to(home))
    return 0 if same else 1


def typed(keys: str, command: list[str], folder: Path, environ: Mapping[str, str]) -> str:
    """Run a command on a pseudo-terminal, type *keys* when it asks, and return what it showed."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execve(BIN / command[0], command, dict(environ))
    shown, answered = b"", False
    while select.select([terminal], [], [], PATIENCE)[0]:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # Linux's way to say that the program has ended
            break
        if not piece:
            break
        shown += piece
        if not answered and shown.endswith(b"[Yes]: "):
            os.write(terminal, keys.encode())
            answered = True
    os.close(terminal)
    os.waitpid(pid, 0)
    return shown.decode().replace("\r\n", "\n")


def wait_for(received: Path, count: int) -> list[dict[str, Any]]:
    """Return the received items, in the order of their arrival, once there are *count* of them."""
    give_up = time.monotonic() + PATIENCE
    lines: list[str] = []
    while len(lines) < count and time.monotonic() < give_up:
        lines = received.read_text().splitlines() if received.exists() else []
        time.sleep(0.05)
    return [json.loads(line) for line in lines]


def as_logged(item: dict[str, Any]) -> dict[str, Any]:
    """Return a received item under the log's names."""
    moment = datetime.strptime(item.pop("timestamp"), "%Y-%m-%dT%H:%M:%S.%fZ")
    item["user_id"] = item.pop("distinct_id")
    item["time"] = round(moment.replace(tzinfo=timezone.utc).timestamp(), 3)
    return item


def environment(home: Path, variables: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return an environment in which nothing of the user's can be met."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TERM") if name in os.environ}
    return {**kept, "HOME": str(home), **(variables or {})}


def title(text: str) -> None:
    """Print a heading."""
    print(f"\n\033[1m$ {text}\033[0m" if sys.stdout.isatty() else f"\n$ {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
