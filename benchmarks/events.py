"""What recording an event costs, beside ``capture`` of the PostHog SDK with the same properties."""

from __future__ import annotations

import os
import tempfile
import time
from functools import partial
from statistics import median

from benchmarks import timing
from cecli.analytics import ids
from cecli.analytics.catalogue.sanitiser import Sanitiser
from cecli.analytics.client import Analytics
from cecli.analytics.consent.decision import Status
from cecli.analytics.destination import Destination
from cecli.analytics.facts import model_names
from cecli.analytics.facts.environment import facts
from cecli.analytics.log import Log
from cecli.analytics.program import CECLI
from cecli.analytics.spool.segment import MOST_SEGMENTS
from cecli.analytics.spool.writer import Writer
from cecli.sessions import aider_events

MESSAGE: dict[str, object] = {
    "main_model": "gpt-4o",
    "weak_model": "gpt-4o-mini",
    "editor_model": "gpt-4o",
    "outcome": "stop",
    "prompt_tokens": 1234,
    "completion_tokens": 567,
    "total_tokens": 1801,
    "cost": 0.0123,
    "total_cost": 0.456,
}


def main() -> None:
    """Print the medians and their ratios."""
    start = time.perf_counter()
    model_names.public("gpt-4o")
    loading = time.perf_counter() - start

    import posthog

    client = posthog.Posthog(
        "phc_benchmark",
        host="http://127.0.0.1:9",
        flush_at=10**9,
        flush_interval=3600,
        max_queue_size=10**9,
    )  # never flushed: what is measured is the call
    with tempfile.TemporaryDirectory() as folder:
        logging = recorder(log=Log(os.path.join(folder, "log.jsonl")))
        both = recorder(
            log=Log(os.path.join(folder, "both.jsonl")),
            writer=Writer(
                os.path.join(folder, "c", "spool"), Destination("https://x.example", "k")
            ),
        )
        queue = os.path.join(folder, "full")
        fill(queue)
        full = recorder(writer=Writer(queue, Destination("https://x.example", "k")))
        empty = recorder(
            writer=Writer(os.path.join(folder, "d", "spool"), Destination("https://x.example", "k"))
        )
        capture, spooled = "posthog.capture, message_send", "event, message_send, log and spool"
        refused, queued = "event, message_send, a full spool", "event, message_send, an empty spool"
        logged, bare = "event, message_send, log", "event without properties, log"
        times = timing.calls(
            {
                capture: lambda: client.capture(
                    "message_send", distinct_id="me", properties=dict(MESSAGE)
                ),
                logged: lambda: logging.event("message_send", **MESSAGE),
                spooled: lambda: both.event("message_send", **MESSAGE),
                queued: lambda: empty.event("message_send", **MESSAGE),
                refused: lambda: full.event("message_send", **MESSAGE),
                bare: lambda: logging.event("message_send_starting"),
                "event, analytics off": partial(Analytics(STATUS).event, "message_send_starting"),
            },
            runs=50,
            each=200,
        )
        timing.show("Events", times, unit="µs", base=spooled)
        for name, most in ((bare, 15), (logged, 20), (spooled, 25)):
            timing.bound(name, median(times[name]) * 1e6, most, "µs")
        ratio = median(times[spooled]) / median(times[capture])
        timing.bound("log and spool, to capture", ratio, 1 / 4)
        ratio = median(times[refused]) / median(times[queued])
        timing.bound("a full queue of 8,000 files, to an empty one", ratio, 1.5)
        timing.bound("loading the model names, once", loading * 1e3, 3, "ms")
    timing.finish()  # the SDK would try to flush for a while


STATUS = Status("on", "a benchmark", "https://x.example", None, None)


def fill(folder: str) -> None:
    """Let so many files wait in a folder that no more are taken."""
    os.mkdir(folder)
    for number in range(2 * MOST_SEGMENTS):
        with open(os.path.join(folder, f"1700000000000-host-1-1-{number:08x}.ready"), "wb") as file:
            file.write(b"x" * 1000)


def recorder(log: Log | None = None, writer: Writer | None = None) -> Analytics:
    """Return a recorder that keeps events where it is told."""
    sanitiser = Sanitiser(aider_events.catalogue(), ids.new(), facts(CECLI))
    return Analytics(STATUS, sanitiser=sanitiser, log=log, writer=writer)


if __name__ == "__main__":
    main()
