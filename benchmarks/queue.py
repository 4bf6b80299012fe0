"""What a session, an event, the status and a delivery cost with a short and a long queue."""

from __future__ import annotations

import os
from contextlib import ExitStack

from benchmarks import ground, recorder, timing, waiting
from benchmarks.ratio import ratio
from benchmarks.results import Bound, Part, growth
from benchmarks.timing import Turns
from tools.user import Home

SIZES = {"empty": 0, "100 segments": 100, "4,000 segments": 4_000}
EMPTY, SOME, MANY = SIZES
FULL = "8,000 segments: full"
EVENTS = 10
"""As many as a session leaves in a segment."""
HOST = "http://127.0.0.1:9"


def measure() -> Part:
    """Time processes, and calls in this process, in turns, with the same queues."""
    with ExitStack() as stack:
        homes = {size: stack.enter_context(ground.user(HOST)) for size in SIZES}
        for size, home in homes.items():
            waiting.fill(home, HOST, SIZES[size], EVENTS)
        sessions, status = _processes(homes)
        full = stack.enter_context(ground.user(HOST))
        waiting.fill(full, HOST, 8_000, 1)
        events = _events({**homes, FULL: full})
    deliveries = _deliveries()
    grows_not = (
        "An event looks at its own segment alone; the folder is looked at once for many segments."
    )
    return Part(
        "A queue that waits",
        bounds=(
            Bound(
                f"a session with {MANY}, to one with an empty queue",
                ratio(sessions, MANY, EMPTY),
                1.15,
                "It lists the folder once to see whether there is room: a list of 4,000 names.",
            ),
            Bound(
                f"event() with {MANY}, to an empty queue",
                ratio(events, MANY, EMPTY),
                1.25,
                grows_not,
            ),
            Bound(
                "event() with a full queue, to an empty one",
                ratio(events, FULL, EMPTY),
                1,
                grows_not,
            ),
            Bound(
                f"a delivery of {MANY}, to 100, beyond an empty one",
                ratio(deliveries, MANY, SOME, beyond=EMPTY),
                50,
                "Forty times as many events may take forty times as long, and a quarter more.",
            ),
        ),
        growth=(
            growth("a session of ten events", sessions),
            growth("one event", events),
            growth("`cecli-analytics status`", status),
            growth("a delivery", deliveries),
        ),
    )


def _processes(homes: dict[str, Home]) -> tuple[Turns, Turns]:
    """Return the times of sessions and of the status; a back-off keeps the queues waiting."""
    files = {size: waiting.hold(home, HOST) for size, home in homes.items()}
    host = f"{ground.HOST}={HOST}"
    environs = {size: ground.environ(home.home) for size, home in homes.items()}

    def trim(size: str) -> None:
        waiting.trim(homes[size], files[size])

    sessions = timing.processes(
        {size: ground.program("ours", host, environ=environs[size]) for size in homes},
        runs=31,
        before=trim,
    )
    for size in homes:
        trim(size)
    status = timing.processes(
        {
            size: ground.program("status", environ=environs[size] | {ground.HOST_VARIABLE: HOST})
            for size in homes
        },
        runs=9,
    )
    return sessions, status


def _events(homes: dict[str, Home]) -> Turns:
    recorders = {size: recorder.queueing(home.paths.spool) for size, home in homes.items()}
    return timing.calls(
        {size: recorder.message(made) for size, made in recorders.items()}, runs=200, each=50
    )


def _deliveries() -> Turns:
    with ground.receiver() as url, ground.user(url) as user:
        environ = ground.environ(user.home)
        return timing.processes(
            {
                size: ground.program("deliver", os.devnull, str(segments * EVENTS), environ=environ)
                for size, segments in SIZES.items()
            },
            runs=7,
            before=lambda size: waiting.fill(user, url, SIZES[size], EVENTS),
        )
