"""What several tests record: each built-in event in full, the facts, and an exception."""

from __future__ import annotations

import json
from typing import Any

from cecli.analytics.facts import environment
from cecli.analytics.facts.exceptions import describe
from cecli.analytics.facts.options_used import OptionUse
from cecli.analytics.program import CECLI

FACTS = environment.facts(CECLI)
SHARED = {*FACTS, "$session_id"}
"""The names of what stands on every event."""
SAMPLES: dict[str, dict[str, object]] = {
    "launched": {"options": (OptionUse("model", "flag"),)},
    "message_send_starting": {},
    "message_send": {
        "main_model": "gpt-4o",
        "prompt_tokens": 12,
        "completion_tokens": 3,
        "total_tokens": 15,
        "cost": 0.25,
        "total_cost": 1,
        "duration": 2.5,
        "outcome": "stop",
    },
    "message_send_exception": {"exception": TimeoutError("secret")},
    "events_lost": {"dropped": 250, "damaged": 1, "set_aside": 2},
    "exit": {"reason": "completed"},
    "$exception": {"$exception_list": ValueError("secret"), "source": "thread"},
}


def decoding() -> BaseException:
    try:
        json.loads("{secret")
    except ValueError as caught:
        return caught
    raise AssertionError


def frames(error: BaseException, *own: str) -> list[dict[str, Any]]:
    """Return what may leave of the frames, for a program whose own packages are these."""
    stack: Any = describe(error, frozenset(own))[0]["stacktrace"]
    found: list[dict[str, Any]] = stack["frames"]
    return found
