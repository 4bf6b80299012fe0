"""Values that several tests record: every built-in event with all its properties, and the facts."""

from __future__ import annotations

from cecli.analytics import environment
from cecli.analytics.model import OptionUse

FACTS = environment.facts()
MODEL: dict[str, object] = {
    "main_model": "gpt-4o",
    "weak_model": "gpt-4o-mini",
    "editor_model": "gpt-4o",
}
SAMPLES: dict[str, dict[str, object]] = {
    "launched": {"options": (OptionUse("model", "flag"),)},
    "cli session": {**MODEL, "edit_format": "diff"},
    "gui session": {**MODEL, "edit_format": "whole"},
    "repo": {},
    "no-repo": {},
    "auto_commits": {"enabled": True},
    "message_send_starting": {},
    "message_send": {
        **MODEL,
        "edit_format": "udiff",
        "prompt_tokens": 12,
        "completion_tokens": 3,
        "total_tokens": 15,
        "cost": 0.25,
        "total_cost": 1,
    },
    "message_send_exception": {"exception": TimeoutError("secret")},
    "model warning": MODEL,
    "exit": {"reason": "completed"},
    "$exception": {"$exception_list": ValueError("secret"), "source": "thread"},
}
