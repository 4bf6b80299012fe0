"""Real sessions that a test looks into, and what must not be found in them."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tools.coding_sessions import FILE, KEY, CodingSessions
from tools.model_end import ModelEnd
from tools.user import User

AIDER = importlib.util.find_spec("aider") is not None
LITELLM = importlib.util.find_spec("litellm") is not None
if os.environ.get("CECLI_TEST_AIDER") == "required":
    assert AIDER, "the extra aider isn't installed"
    assert LITELLM, "the extra aider isn't installed"
NO_EXTRA = "the extra isn't installed: pip install 'cecli[aider]', or `make test-aider`"
needs_aider = pytest.mark.skipif(not AIDER, reason=NO_EXTRA)
needs_litellm = pytest.mark.skipif(not LITELLM, reason=NO_EXTRA)

GUARD = Path(__file__).parent / "guard"

MODEL = "openai/acme-secret-model"
PROMPT = "Explain the frobnication of the Zanzibar project."
EDIT = f"Here it is.\n\n{FILE}\n```\nfrobnicate = 'Zanzibar, twice'\n```\n"
"""An answer that edits the file, in the format of a model that aider doesn't know."""
SECRETS = (KEY, "SECRET", "acme-secret-model", "frobnicat", "Zanzibar", "zanzibar", "repository")
"""What stands in the prompt, the file, its name, its path, the key and the model's name."""


class Sessions(CodingSessions):
    """Sessions that are guarded: they may connect to nothing but loopback."""

    def __init__(self, user: User, end: ModelEnd, base: Path) -> None:
        self.report = base / "guard-report"
        super().__init__(user, end, base)

    def environ(self, **variables: str) -> dict[str, str]:
        guard = {"PYTHONPATH": str(GUARD), "GUARD_REPORT": str(self.report)}
        return super().environ(**{**guard, **variables})

    def run(
        self, *argv: str, cwd: Path | str | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run cecli to its end without a terminal, logging; in the repository, unless told."""
        return self.user.run(
            *("cecli", "--analytics-log", str(self.log), *argv),
            variables=self.environ(**variables),
            cwd=cwd or self.user.root,
        )

    def git(self, *words: str, cwd: Path | str | None = None) -> str:
        """Return what git prints."""
        return self.user.run(
            *("/usr/bin/env", "git", *words),
            variables=self.environ(),
            cwd=cwd or self.user.root,
            check=True,
        ).stdout

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

    def everything(self) -> str:
        """Return all that was recorded: log, what cecli keeps in the home folder, and wire."""
        folder = self.user.home / ".cecli"
        kept = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
        texts = [self.log.read_bytes(), *kept, json.dumps(self.received).encode()]
        return b"\n".join(texts).decode(errors="replace")

    def reached(self) -> str:
        """Return what a session tried to connect to beside loopback."""
        return self.report.read_text() if self.report.exists() else ""
