"""A queue that waits, as sessions leave one behind: so many segments of so many events."""

from __future__ import annotations

import json
import os
import time

from benchmarks import ground
from cecli.analytics import ids
from cecli.analytics.consent.file import ConsentFile
from cecli.analytics.delivery.back_off import BackOff
from cecli.analytics.delivery.state import State
from cecli.analytics.destination import Destination
from cecli.analytics.spool.writer import Writer
from tools.user import Home

PROPERTIES = {
    "main_model": "provider/some-model-name",
    "weak_model": "provider/some-smaller-model",
    "editor_model": "provider/some-model-name",
    "outcome": "stop",
    "prompt_tokens": 12345,
    "completion_tokens": 678,
    "total_tokens": 13023,
    "cost": 0.0123,
    "total_cost": 0.4567,
    "python_version": "3.12.1",
    "os": "Linux",
    "os_release": "6.8",
    "machine": "x86_64",
    "cecli_version": "1.0.0",
    "$process_person_profile": False,
    "$geoip_disable": True,
    "$ip": "0.0.0.0",
    "$lib": "cecli",
}
"""Those of an event that waits."""


def fill(home: Home, host: str, each: int, events: int) -> None:
    """Let events wait for cecli's own project at a host, which the user has agreed to.

    Args:
        home: whose queue.
        host: where they go.
        each: how many are in one segment.
        events: how many there are in all.
    """
    user_id = ConsentFile(home.paths).load().uuid
    writer = Writer(home.paths.spool, Destination(host, ground.KEY, is_own_key=True))
    for number in range(1, events + 1):
        event = {
            "event": "message_send",
            "properties": PROPERTIES,
            "user_id": user_id,
            "time": round(time.time(), 3),
            "uuid": ids.new(),
        }
        writer.append(json.dumps(event, separators=(",", ":")).encode() + b"\n")
        if number % each == 0:
            writer.hand_over()
    writer.hand_over()


def hold(home: Home, host: str) -> set[str]:
    """Let a failure of the server keep a queue waiting for an hour; return the files in it."""
    os.makedirs(home.paths.spool, mode=0o700, exist_ok=True)
    until = time.time() + 3600
    State.load(home.paths.spool).set_back_off(host, BackOff(1, until, "status 503"))
    return set(os.listdir(home.paths.spool))


def trim(home: Home, files: set[str]) -> None:
    """Delete what isn't one of the files that waited before."""
    for name in set(os.listdir(home.paths.spool)) - files:
        os.unlink(os.path.join(home.paths.spool, name))
