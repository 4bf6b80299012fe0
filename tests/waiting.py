"""Waiting in tests: for a condition, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(condition: Callable[[], object], what: str = "", seconds: float = 40) -> None:
    """Return when *condition* holds; fail if it doesn't within *seconds*."""
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, f"waited in vain for {what or condition}"
        time.sleep(0.02)
