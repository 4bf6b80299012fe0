"""How far a long reading is, in one line of the terminal that stderr is; elsewhere nothing."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

from cecli.analytics.inspection.view.reading import LogFile
from cecli.messages import overwrite

PATIENCE_SECONDS = 1.0
"""A reading that is done sooner is silent."""
_EACH_SECONDS = 0.2


class Progress:
    """As a context manager it leaves a clean line behind."""

    def __init__(self) -> None:
        stream = sys.stderr
        self._stream = stream if stream and stream.isatty() and is_able(os.environ) else None
        self._next = time.monotonic() + PATIENCE_SECONDS
        self._shown = False

    def of(self, log: LogFile) -> Callable[[int, int], None]:
        """Return who is to be told how far the reading of a log is."""

        def tell(done: int, size: int) -> None:
            now = time.monotonic()
            if self._stream is None or now < self._next:
                return
            part = f"{min(100, 100 * done // size)} %, " if size else ""
            overwrite(f"reading: {part}{log.lines:,} lines of {log.title}", self._stream)
            self._next, self._shown = now + _EACH_SECONDS, True

        return tell

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown and self._stream:
            overwrite("", self._stream)


def is_able(environ: os._Environ[str]) -> bool:
    """Tell whether the terminal can do more than write line after line."""
    return environ.get("TERM", "dumb") not in ("dumb", "unknown", "")
