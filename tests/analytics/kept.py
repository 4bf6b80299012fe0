"""A recorder with a real log and a real spool."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cecli.analytics import Analytics
from cecli.analytics.catalogue.declaration import Catalogue
from cecli.analytics.catalogue.event import Property
from cecli.analytics.catalogue.sanitiser import Sanitiser
from cecli.analytics.consent.decision import Status
from cecli.analytics.destination import Destination
from cecli.analytics.ids import new
from cecli.analytics.log import Log
from cecli.analytics.paths import Paths
from cecli.analytics.spool.writer import Writer
from tests.analytics.samples import FACTS

STATUS = Status("on", "a test", "https://posthog.example.com", None, None)


class Kept:
    """A recorder in a folder, and what its log and its spool hold."""

    def __init__(self, folder: Path, log: Log | None = None, **options: Any) -> None:
        catalogue = Catalogue()
        catalogue.declare_options("model")
        weak = Property("weak_model", "model name", "To know.")
        catalogue.declare_properties("message_send", weak)
        self.log = folder / "log.jsonl"
        self.paths = Paths(str(folder))
        self.started = 0
        """How often a deliverer was started."""
        self.analytics = Analytics(
            STATUS,
            sanitiser=Sanitiser(catalogue, new(), FACTS),
            log=log or Log(str(self.log)),
            writer=Writer(self.paths.spool, Destination("https://posthog.example.com", "phc_x")),
            start_deliverer=self._start,
            **options,
        )

    def _start(self) -> None:
        self.started += 1

    def logged(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_bytes().splitlines()]

    def spooled(self) -> list[bytes]:
        segments = sorted(Path(self.paths.spool).iterdir())
        return [line for path in segments for line in path.read_bytes().splitlines()[1:]]
