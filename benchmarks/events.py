"""What recording an event costs, beside ``capture`` of the PostHog SDK with the same properties.

Bounds: to the log 15 µs; ``message_send`` with nine properties 20 µs; to log and spool 25 µs and a
fourth of ``capture``; loading the list of model names 3 ms.
"""

from __future__ import annotations

import os
import tempfile
import time
from functools import partial

from benchmarks import timing
from cecli.analytics import ids, model_names
from cecli.analytics.catalogue import Catalogue
from cecli.analytics.client import Analytics
from cecli.analytics.environment import facts
from cecli.analytics.log import Log
from cecli.analytics.model import Destination, Status
from cecli.analytics.sanitise import origin, sanitise
from cecli.analytics.spool import Spool

MESSAGE: dict[str, object] = {
    "main_model": "gpt-4o",
    "weak_model": "gpt-4o-mini",
    "editor_model": "gpt-4o",
    "edit_format": "diff",
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
    print(f"Loading the model names, once: {(time.perf_counter() - start) * 1e3:.2f} ms")

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
            spool=Spool(os.path.join(folder, "c", "spool"), Destination("https://x.example", "k")),
        )
        times = timing.calls(
            {
                "posthog.capture, message_send": lambda: client.capture(
                    "message_send", distinct_id="me", properties=dict(MESSAGE)
                ),
                "event, message_send, log": lambda: logging.event("message_send", **MESSAGE),
                "event, message_send, log and spool": lambda: both.event("message_send", **MESSAGE),
                "event without properties, log": lambda: logging.event("repo"),
                "event, analytics off": partial(Analytics(STATUS).event, "repo"),
            },
            runs=50,
            each=200,
        )
        timing.show("Events", times, unit="µs", base="event, message_send, log and spool")
    os._exit(0)  # the SDK would try to flush for a while


STATUS = Status("on", "a benchmark", "https://x.example", None, None)


def recorder(log: Log, spool: Spool | None = None) -> Analytics:
    """Return a recorder that keeps events where it is told."""
    catalogue = Catalogue()
    build = partial(sanitise, catalogue, origin(catalogue, ids.new(), facts()))
    return Analytics(STATUS, build=build, log=log, spool=spool)


if __name__ == "__main__":
    main()
