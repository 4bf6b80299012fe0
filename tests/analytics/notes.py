"""A user of ``examples/notes``: another program than cecli, as it is packaged, in their home."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cecli.analytics.destination import Destination
from cecli.analytics.paths import Paths
from cecli.analytics.spool.queue import Queue
from tests.analytics.scene import KEY
from tools.user import Terminal, User

EXAMPLE = Path(__file__).parents[2] / "examples" / "notes"
SCRIPTS = dict(
    re.findall(
        r'^(notes\S*) = "notes:(\w+)"$',
        (EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
)
"""The functions behind the program's commands, by their names."""
_RUNS = "import sys; sys.path.insert(0, {folder!r}); import notes; sys.exit(notes.{function}())"


class NotesUser(User):
    """A user of ``notes``, who stands in a repository."""

    def __init__(self, base: Path, host: str = "http://127.0.0.1:9") -> None:
        super().__init__(base)
        self.paths = Paths(str(self.home), "notes")
        self.destination = Destination(host, KEY)
        self.destination_variables = {
            "NOTES_ANALYTICS_POSTHOG_HOST": host,
            "NOTES_ANALYTICS_POSTHOG_PROJECT_API_KEY": KEY,
        }

    def agree(self, destination: Destination | None = None, agreed: bool = True) -> str:
        """Store an answer for a destination; return the user's id."""
        return super().agree(destination or self.destination, agreed)

    def words(self, name: str, *argv: str) -> list[str]:
        """Return the words behind ``python`` that run a command of the program's packaging."""
        # What the script of an installed package does, which has its command's name.
        code = _RUNS.format(folder=str(EXAMPLE), function=SCRIPTS[name])
        return ["-c", code, *argv]

    def run_notes(
        self, name: str, *argv: str, variables: Mapping[str, str] | None = None, **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of the program."""
        words = self.words(name, *argv)
        return self.run(sys.executable, *words, variables=variables, **options)

    def terminal(self, *argv: str, variables: Mapping[str, str] | None = None) -> Terminal:
        """Run ``notes`` before a terminal."""
        words = self.words("notes", *argv)
        return Terminal(*words, cwd=self.folder, env=self.process_environ(variables))

    @property
    def waiting(self) -> list[str]:
        """The states of the segments that wait."""
        return [name.state for name in Queue(self.paths.spool).segments()]
