"""Logs for the tests of ``view``, and what they come to, computed without it."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cecli.analytics import ids

START = 1_795_000_000
HOSTILE = (
    "<script>window.obeyed = 1</script>",
    "</script><script>window.obeyed = 1</script>",
    "<img src=x onerror='window.obeyed = 1'>",
    "{{ 7 * 7 }}{% raw %}",
    "\x1b[31mred\x1b]0;title\x07",
    "[bold]markup[/bold] :smile:",
    "\u202etxt.exe\nnext line\r\x9b2J",
    "\udcff",
    "]]> &amp; \u2028 '\"` ${obeyed}",
)
COMMON = {
    "$process_person_profile": False,
    "$ip": "0.0.0.0",
    "cecli_version": "0.9.0",
    "os": "Linux",
}
Fields = dict[str, Any]


def event(name: str, time: float = START, /, **properties: object) -> Fields:
    """Return an event as the log has it."""
    return {
        "event": name,
        "properties": {**properties, **COMMON},
        "user_id": "69c1fda4-0e4f-4b3a-a096-9db89ca84601",
        "time": time,
        "uuid": ids.new(),
    }


def message(model: str, time: float = START, /, **properties: object) -> Fields:
    """Return an answer of a model."""
    found = {"prompt_tokens": 100, "completion_tokens": 20, "cost": 0.25, "edit_format": "diff"}
    return event("message_send", time, **{"main_model": model, **found, **properties})


def write(path: Path, events: Iterable[Fields]) -> Path:
    """Write a log."""
    path.write_text("".join(json.dumps(each, separators=(",", ":")) + "\n" for each in events))
    return path


def sessions(count: int, seed: int = 1) -> list[Fields]:
    """Return the events of so many sessions, of several models, over days."""
    found, time, chance = [], float(START), random.Random(seed)
    for _ in range(count):
        id = ids.new()
        own: list[tuple[str, Fields]] = [
            ("launched", {"options": ["flag:model", "home:analytics"]})
        ]
        for _ in range(chance.randrange(6)):
            if chance.random() < 0.2:
                kind = chance.choice(["litellm.Timeout", "litellm.AuthenticationError"])
                own.append(("message_send_exception", {"exception": kind}))
                continue
            numbers = message(chance.choice(["gpt-4o", "gpt-4o-mini", "o3-mini"]))["properties"]
            numbers |= {"prompt_tokens": chance.randrange(9000), "cost": chance.random()}
            numbers |= {"edit_format": chance.choice(["diff", "whole"])}
            own.append(("message_send", numbers))
            if chance.random() < 0.5:
                own.append((f"command_{chance.choice(['add', 'diff', 'undo'])}", {}))
        if chance.random() < 0.1:
            error = {"type": "ValueError", "stacktrace": {"frames": [{"lineno": 3}]}}
            own.append(("$exception", {"$exception_list": [error], "source": "main thread"}))
        own.append(("exit", {"reason": chance.choice(["command", "end of input"])}))
        for name, properties in own:
            time = round(time + chance.random() * 600, 3)
            found.append(event(name, time, **{**properties, "$session_id": id}))
        time += chance.random() * 40_000
    return found


def used(events: Iterable[Fields]) -> dict[str, dict[str, float]]:
    """Return the messages, tokens and cost of each model."""
    found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for each in events:
        if each["event"] == "message_send":
            model = found[each["properties"]["main_model"]]
            model["messages"] += 1
            for name in ("prompt_tokens", "completion_tokens", "cost"):
                model[name] += each["properties"][name]
    return {name: dict(model) for name, model in found.items()}


def counted(events: Iterable[Fields]) -> Counter[str]:
    """Return how many events have each name."""
    return Counter(each["event"] for each in events)
