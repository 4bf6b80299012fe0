"""One event, recorded in each way that this Python has; prints what `timing.calls` found."""

import json
import os
import sys
import tempfile
from typing import Any

import posthog

from benchmarks import recorder, timing
from benchmarks.event import AIDERS, BOTH, CAPTURE, LIMIT, LOGGED, OFF

# What is measured is the call alone: the threads that would send have ended.
client = posthog.Posthog(
    "phc_benchmark", host="http://127.0.0.1:9", flush_interval=0.01, max_queue_size=10**9
)
senders: Any = client.consumers
for sender in senders:
    sender.pause()
    sender.join()
MESSAGE = recorder.MESSAGE

with tempfile.TemporaryDirectory() as folder:
    file = os.open(os.path.join(folder, "limit"), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    names = ("log", "both", "spool", "aiders")
    log, log_of_both, spool, aiders_log = (os.path.join(folder, name) for name in names)
    logging, both = recorder.logging(log), recorder.logging_and_queueing(log_of_both, spool)
    both.event("message_send", **MESSAGE)
    with open(log_of_both, "rb") as lines:
        logged = json.loads(lines.readline())
    off = recorder.off()
    ways: dict[str, Any] = {
        LIMIT: lambda: os.write(file, json.dumps(logged).encode() + b"\n"),
        CAPTURE: lambda: client.capture("message_send", distinct_id="me", properties=dict(MESSAGE)),
        LOGGED: lambda: logging.event("message_send", **MESSAGE),
        BOTH: lambda: both.event("message_send", **MESSAGE),
        OFF: lambda: off.event("message_send", **MESSAGE),
    }
    if "aider" in sys.argv:
        from benchmarks.programs import aiders

        analytics = aiders.agreed("http://127.0.0.1:9", aiders_log)
        analytics.ph = client
        numbers = {name: value for name, value in MESSAGE.items() if "model" not in name}
        ways[AIDERS] = lambda: analytics.event("message_send", aiders.MODEL, **numbers)
    print(json.dumps(timing.calls(ways, runs=int(sys.argv[1]), each=50)), flush=True)
os._exit(0)  # the SDK would try to flush for a while
