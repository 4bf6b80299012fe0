"""A user who has a real session: with a repository, a model's end, a receiver and a terminal."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from cecli.analytics.inspection.receiver import Receiver
from tests.sessions.model_end import ModelEnd
from tests.support import Terminal, User, until

AIDER = importlib.util.find_spec("aider") is not None
LITELLM = importlib.util.find_spec("litellm") is not None
if os.environ.get("CECLI_TEST_AIDER") == "required":
    assert AIDER, "the extra aider isn't installed"
    assert LITELLM, "the extra aider isn't installed"
NO_EXTRA = "the extra isn't installed: pip install 'cecli[aider]', or `make test-aider`"
needs_aider = pytest.mark.skipif(not AIDER, reason=NO_EXTRA)
needs_litellm = pytest.mark.skipif(not LITELLM, reason=NO_EXTRA)

GUARD = Path(__file__).parent / "guard"
CECLI = Path(sys.executable).with_name("cecli")

KEY = "sk-SECRETKEY0123456789"
MODEL = "openai/acme-secret-model"
PROMPT = "Explain the frobnication of the Zanzibar project."
FILE = "zanzibar_plan.py"
TEXT = "frobnicate = 'Zanzibar'\n"
EDIT = f"Here it is.\n\n{FILE}\n```\nfrobnicate = 'Zanzibar, twice'\n```\n"
"""An answer that edits the file, in the format of a model that aider doesn't know."""
SECRETS = (KEY, "SECRET", "acme-secret-model", "frobnicat", "Zanzibar", "zanzibar", "repository")
"""What stands in the prompt, the file, its name, its path, the key and the model's name."""


def as_logged(item: dict[str, Any]) -> dict[str, Any]:
    """Return a received item under the log's names; fail if it holds more than the log's line."""
    moment = datetime.strptime(item["timestamp"], "%Y-%m-%dT%H:%M:%S.%fZ")
    assert set(item) == {"event", "properties", "distinct_id", "timestamp", "uuid"}
    return {
        "event": item["event"],
        "properties": item["properties"],
        "user_id": item["distinct_id"],
        "time": round(moment.replace(tzinfo=timezone.utc).timestamp(), 3),
        "uuid": item["uuid"],
    }


class Sessions:
    """Starts sessions of one user and knows what became of their events."""

    def __init__(self, user: User, end: ModelEnd, base: Path) -> None:
        self.user, self.end = user, end
        self.report = base / "guard-report"
        self.log = base / "analytics.jsonl"
        self.received: list[dict[str, Any]] = []
        self.receiver = Receiver(accept=self.received.append)
        self._make_repository()
        # aider fetches a table of prices when it has none from today.
        caches = user.home / ".aider" / "caches"
        caches.mkdir(parents=True)
        (caches / "model_prices_and_context_window.json").write_text('{"none": {}}')

    def _make_repository(self) -> None:
        shutil.rmtree(self.user.root / ".git")
        (self.user.root / FILE).write_text(TEXT)
        (self.user.root / ".gitignore").write_text(".aider*\n.env\n")
        for command in (
            ["init", "--quiet"],
            ["config", "user.name", "Ada"],
            ["config", "user.email", "ada@example.com"],
            ["add", "."],
            ["commit", "--quiet", "--message", "Begin"],
        ):
            subprocess.run(["git", *command], cwd=self.user.root, env=self.environ(), check=True)

    def environ(self, **variables: str) -> dict[str, str]:
        """Return the environment of a session."""
        return self.user.process_environ(
            {
                "PYTHONPATH": str(GUARD),
                "GUARD_REPORT": str(self.report),
                "TERM": "dumb",
                "LITELLM_LOCAL_MODEL_COST_MAP": "True",
                "OPENAI_API_KEY": KEY,
                "OPENAI_API_BASE": self.end.url,
                "AIDER_CHECK_UPDATE": "false",
                "AIDER_SHOW_RELEASE_NOTES": "false",
                "AIDER_SHOW_MODEL_WARNINGS": "false",
                "AIDER_GITIGNORE": "false",
                "AIDER_PRETTY": "false",
                "AIDER_FANCY_INPUT": "false",
                "CECLI_ANALYTICS_POSTHOG_HOST": self.receiver.url,
                "CECLI_ANALYTICS_POSTHOG_PROJECT_API_KEY": "phc_test",
                **variables,
            }
        )

    def terminal(self, *argv: str, **variables: str) -> Terminal:
        """Start cecli on a terminal, logging."""
        return Terminal(
            str(CECLI),
            *("--analytics-log", str(self.log)),
            *argv,
            cwd=self.user.root,
            env=self.environ(**variables),
        )

    def run(self, *argv: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run cecli to its end without a terminal, logging."""
        return subprocess.run(
            [sys.executable, str(CECLI), "--analytics-log", str(self.log), *argv],
            cwd=self.user.root,
            env=self.environ(**variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def logged(self) -> list[dict[str, Any]]:
        """Return the events in the log."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def names(self) -> list[str]:
        """Return the names of the events in the log."""
        return [event["event"] for event in self.logged()]

    def properties(self, name: str) -> list[dict[str, Any]]:
        """Return the properties of each event of a name, without those of every event."""
        return [
            {
                key: value
                for key, value in event["properties"].items()
                if not key.startswith("$") or key == "$exception_list"
            }
            for event in self.logged()
            if event["event"] == name
        ]

    def arrived(self) -> list[dict[str, Any]]:
        """Return what the receiver got, once it is as much as was logged."""
        until(lambda: len(self.received) >= len(self.logged()), "a delivery")
        return self.received

    def everything(self) -> str:
        """Return all that was recorded: log, what cecli keeps in the home folder, and wire."""
        folder = self.user.home / ".cecli"
        kept = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
        texts = [self.log.read_bytes(), *kept, json.dumps(self.received).encode()]
        return b"\n".join(texts).decode(errors="replace")

    def reached(self) -> str:
        """Return what a session tried to connect to beside loopback."""
        return self.report.read_text() if self.report.exists() else ""
