"""What a session, an event, the status and a delivery cost with a short and a long queue."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack

from benchmarks import ground, recorder, timing, waiting
from benchmarks.programs import usage
from benchmarks.ratio import ratio
from benchmarks.results import Bound, Part, growth, part_of
from benchmarks.timing import Turns
from tools.user import Home

SIZES = {"empty": 0, "100 segments": 100, "4,000 segments": 4_000}
EMPTY, SOME, MANY = SIZES
FULL = "8,000 segments: full"
EVENTS = 10
"""As many as a session leaves in a segment."""
HOST = "http://127.0.0.1:9"


def measure(sizes: Mapping[str, int] = SIZES, full: int = 8_000, runs: int = 31) -> Part:
    """Time processes, and calls in this process, in turns, with the same queues."""
    with ExitStack() as stack:
        homes = {size: stack.enter_context(ground.user(HOST)) for size in sizes}
        for size, home in homes.items():
            waiting.fill(home, HOST, EVENTS, sizes[size] * EVENTS)
        sessions, status = _processes(homes, runs)
        filled = stack.enter_context(ground.user(HOST))
        waiting.fill(filled, HOST, 1, full)
        events = _events({**homes, FULL: filled})
    deliveries, memory = _deliveries(sizes, -(-runs // 3))
    session, event = ratio(sessions, MANY, EMPTY), ratio(events, MANY, EMPTY)
    own = "An event looks at the segment that it goes to; the folder is looked at now and then."
    return Part(
        "A queue that waits",
        bounds=(
            Bound(
                f"a session with {MANY}, to one with an empty queue",
                session,
                1.15,
                "It lists the folder once, to see whether there is room.",
            ),
            Bound(f"event() with {MANY}, to an empty queue", event, 1.25, own),
            Bound(
                "event() with a full queue, to an empty one",
                ratio(events, FULL, EMPTY),
                1.5,
                own + " The look that finds it full counts for ten seconds.",
            ),
            Bound(
                f"a delivery of {MANY}, to one of 100, each beyond an empty one",
                ratio(deliveries, MANY, SOME, beyond=EMPTY),
                50,
                "Forty times as many events may take forty times as long, and a quarter more.",
            ),
            Bound(
                f"a delivery's peak of memory with {MANY}, to one of 100",
                ratio(memory, MANY, SOME),
                1.25,
                "It holds the names of all that waits, and the events of one request.",
            ),
        ),
        growth=(
            growth("a session of ten events", sessions),
            growth("one event", events),
            growth("`cecli-analytics status`", status),
            growth("a delivery, processor time", deliveries),
        ),
        quoted=(
            f"With {MANY} in the queue a session takes {part_of(session)} the time that it takes"
            f" with none, and an event {part_of(event)}.",
        ),
    )


def _processes(homes: dict[str, Home], runs: int) -> tuple[Turns, Turns]:
    """Return the times of sessions and of the status; a back-off keeps the queues waiting."""
    files = {size: waiting.hold(home, HOST) for size, home in homes.items()}
    host = {ground.HOST_VARIABLE: HOST}
    environs = {size: ground.environ(home.home) | host for size, home in homes.items()}

    def trim(size: str) -> None:
        waiting.trim(homes[size], files[size])

    sessions = {
        size: ground.program("ours", f"{ground.HOST}={HOST}", environ=environ)
        for size, environ in environs.items()
    }
    status = {size: ground.program("status", environ=environ) for size, environ in environs.items()}
    return (
        timing.processes(sessions, runs=runs, before=trim),
        timing.processes(status, runs=-(-runs // 3), before=trim),
    )


def _events(homes: dict[str, Home]) -> Turns:
    recorders = {size: recorder.queueing(home.paths.spool) for size, home in homes.items()}
    return timing.calls(
        {size: recorder.message(made) for size, made in recorders.items()}, runs=200, each=50
    )


def _deliveries(sizes: Mapping[str, int], runs: int) -> tuple[Turns, Turns]:
    """Return the processor times of deliveries, as nobody waits for them, and peaks of memory."""
    with ground.receiver() as url, ground.user(url) as user:
        environ, notes = ground.environ(user.home), {size: user.home / size for size in sizes}
        events = {size: segments * EVENTS for size, segments in sizes.items()}
        timing.processes(
            {
                size: ground.program("deliver", notes[size], str(events[size]), environ=environ)
                for size in sizes
            },
            runs=runs,
            before=lambda size: waiting.fill(user, url, EVENTS, events[size]),
        )
        used = {size: usage.read(str(path)) for size, path in notes.items()}
    processor = {size: seconds for size, (seconds, _) in used.items()}
    return processor, {size: peaks for size, (_, peaks) in used.items()}
