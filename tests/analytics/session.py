"""A session program: what a host does with analytics on, in a process of its own.

Run as ``session.py HOST KEY EVENTS``: it appends that many events to the spool of its HOME, prints
the uuid of each one that was taken, hands over and launches. With EVENTS 0 it appends for ever.

The one place where tests know how a host records: the recorder's own close replaces the last
lines of :func:`main`.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import time

from cecli.analytics import consent, ids
from cecli.analytics.delivery.launch import launch
from cecli.analytics.model import Destination
from cecli.analytics.paths import Paths
from cecli.analytics.spool import Spool

HEAVY = {
    *("posthog", "requests", "urllib3", "ssl", "socket", "subprocess", "threading", "tempfile"),
    *("uuid", "dataclasses", "logging", "datetime", "asyncio"),
}


def line(user_id: str, event: str = "launched", **properties: object) -> bytes:
    """Return an event as log and spool have it."""
    fields = {
        "event": event,
        "properties": {"$process_person_profile": False, **properties},
        "user_id": user_id,
        "time": round(time.time(), 3),
        "uuid": ids.new(),
    }
    return json.dumps(fields).encode() + b"\n"


def main() -> None:
    """Be a session."""
    before = set(sys.modules)
    host, key, events = sys.argv[1], sys.argv[2], int(sys.argv[3])
    paths, destination = Paths(os.environ["HOME"]), Destination(host, key)
    user_id = consent.load(paths).uuid or ""
    spool = Spool(paths.spool, destination)
    for number in range(events) if events else itertools.count():
        taken = line(user_id, number=number, session=os.getpid())
        spool.append(taken)
        os.write(1, json.loads(taken)["uuid"].encode() + b"\n")
    spool.close()
    launched = launch(paths, destination)
    heavy = sorted(HEAVY & (set(sys.modules) - before))
    print(json.dumps({"launched": launched, "heavy": heavy}), file=sys.stderr)


if __name__ == "__main__":
    main()
