"""Owns real coding sessions of one user: with a repository, a model's end, a receiver, a terminal.

They need the extra ``aider``.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from cecli.analytics.inspection.receiver import Receiver
from tools.model_end import ModelEnd
from tools.user import SCRIPTS, Terminal, User, until

KEY = "sk-SECRETKEY0123456789"
FILE = "zanzibar_plan.py"
TEXT = "frobnicate = 'Zanzibar'\n"


class CodingSessions:
    """Starts sessions of one user and knows what became of their events."""

    def __init__(self, user: User, end: ModelEnd, base: Path) -> None:
        self.user, self.end = user, end
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
            str(SCRIPTS / "cecli"),
            *("--analytics-log", str(self.log)),
            *argv,
            cwd=self.user.root,
            env=self.environ(**variables),
        )

    def logged(self) -> list[dict[str, Any]]:
        """Return the events in the log."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def arrived(self) -> list[dict[str, Any]]:
        """Return what the receiver got, once it is as much as was logged."""
        until(lambda: len(self.received) >= len(self.logged()), "a delivery")
        return self.received
