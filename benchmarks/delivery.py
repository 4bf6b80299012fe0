"""Delivery beside the raw PostHog SDK, in one run: a backlog, and what a session costs.

Run ``python benchmarks/delivery.py [EVENTS] [SESSIONS]``. Each figure stands beside the SDK's from
the same run, as a ratio, since machines differ. Everything stays on loopback and in a temporary
home.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping

from cecli.analytics import consent, ids
from cecli.analytics.delivery.receiver import Receiver
from cecli.analytics.model import Destination
from cecli.analytics.paths import Paths
from cecli.analytics.spool import Spool

KEY = "phc_benchmark"
PROPERTIES = {
    "main_model": "provider/some-model-name",
    "weak_model": "provider/some-smaller-model",
    "editor_model": "provider/some-model-name",
    "edit_format": "diff",
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

# The SDK with a queue that holds them all, and flushed, so that it loses none.
SDK_BACKLOG = """
import json, resource, sys, time
from posthog import Posthog
host, events = sys.argv[1], int(sys.argv[2])
properties = json.loads(sys.argv[3])
started = time.perf_counter()
client = Posthog(sys.argv[4], host=host, max_queue_size=events + 1)
for _ in range(events):
    client.capture("message_send", distinct_id="someone", properties=properties)
client.shutdown()
print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
DELIVERY = """
import resource, sys, time
from cecli.analytics import process
from cecli.analytics.delivery.token import Token
from cecli.analytics.delivery.worker import Worker
from cecli.analytics.paths import Paths
paths = Paths(sys.argv[1])
started = time.perf_counter()
import posthog.request
token = Token.take(paths.spool, process.identity())
done = Worker(paths, token).run()
print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
assert not done.problems, done
"""

OFF = "import configargparse, cecli.analytics.delivery.launch"
SESSION = """
import configargparse, json, sys, time
from cecli.analytics import ids
from cecli.analytics.delivery.launch import launch
from cecli.analytics.model import Destination
from cecli.analytics.paths import Paths
from cecli.analytics.spool import Spool
home, host, key, user_id, properties = sys.argv[1:]
paths, destination, properties = Paths(home), Destination(host, key), json.loads(properties)
spool = Spool(paths.spool, destination)
for _ in range(10):
    event = {"event": "message_send", "properties": properties, "user_id": user_id}
    event |= {"time": round(time.time(), 3), "uuid": ids.new()}
    spool.append(json.dumps(event).encode() + b"\\n")
spool.close()
launch(paths, destination)
"""
SDK_SESSION = """
import configargparse, json, sys
from posthog import Posthog
client = Posthog(sys.argv[2], host=sys.argv[1])
for _ in range(10):
    client.capture("message_send", distinct_id="someone", properties=json.loads(sys.argv[3]))
"""


def main() -> None:
    """Measure and print."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    sessions = int(sys.argv[2]) if len(sys.argv) > 2 else 15
    backlog(events)
    print()
    session(sessions)


def backlog(events: int) -> None:
    """Deliver a backlog, and capture and flush as many events with the SDK."""
    with tempfile.TemporaryDirectory() as home, _Process() as url:
        _fill(home, Destination(url, KEY), events)
        ours, our_memory = _timed(DELIVERY, home)
        theirs, their_memory = _timed(SDK_BACKLOG, url, str(events), json.dumps(PROPERTIES), KEY)
    print(f"backlog of {events} events, to a receiver in a process of its own")
    print(f"  deliverer  {ours:7.2f} s  peak {our_memory:4.0f} MB")
    print(f"  raw SDK    {theirs:7.2f} s  peak {their_memory:4.0f} MB")
    print(f"  ratio      {ours / theirs:7.2f}    (at most 0.5)")


def session(times: int) -> None:
    """Run sessions of 10 events: off, on with a good and a dead server, and with the SDK."""
    with tempfile.TemporaryDirectory() as home, Receiver() as good, Receiver(mode="hang") as dead:
        arguments = {}
        for name, receiver in (("good", good), ("dead", dead)):
            destination = Destination(receiver.url, KEY)
            user_id = _agree(home, destination)
            arguments[name] = [home, receiver.url, KEY, user_id, json.dumps(PROPERTIES)]
        sdk = [KEY, json.dumps(PROPERTIES)]
        runs: Mapping[str, tuple[str, list[str]]] = {
            "off": (OFF, []),
            "on, good server": (SESSION, arguments["good"]),
            "on, dead server": (SESSION, arguments["dead"]),
            "raw SDK, good": (SDK_SESSION, [good.url, *sdk]),
            "raw SDK, dead": (SDK_SESSION, [dead.url, *sdk]),
        }
        seconds: dict[str, list[float]] = {name: [] for name in runs}
        for turn in range(times):  # in turns, so that all meet the same machine
            for name, (program, options) in runs.items():
                if turn == 0 or name != "raw SDK, dead":  # earlier SDKs take a minute for it
                    seconds[name].append(_wall(program, options))
    off = statistics.median(seconds["off"])
    print(f"session of 10 events, whole process, median of {times}")
    for name, values in seconds.items():
        added = (statistics.median(values) - off) * 1000
        print(f"  {name:16} {statistics.median(values) * 1000:7.1f} ms  added {added:7.1f} ms")


class _Process:
    """A receiver in a process of its own, so that it shares no interpreter with what is timed."""

    def __enter__(self) -> str:
        code = "from cecli.analytics.delivery.receiver import Receiver\n"
        code += "r = Receiver(); r.start(); print(r.url, flush=True); r.wait()"
        self._child = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
        )
        assert self._child.stdout
        return self._child.stdout.readline().strip()

    def __exit__(self, *_: object) -> None:
        self._child.kill()
        self._child.communicate()


def _agree(home: str, destination: Destination) -> str:
    record = consent.update(
        Paths(home), lambda record: consent.with_answer(record, destination.id, True)
    )
    assert record.uuid
    return record.uuid


def _fill(home: str, destination: Destination, events: int) -> None:
    user_id, spool = _agree(home, destination), Spool(Paths(home).spool, destination)
    for _ in range(events):
        event = {
            "event": "message_send",
            "properties": PROPERTIES,
            "user_id": user_id,
            "time": round(time.time(), 3),
            "uuid": ids.new(),
        }
        spool.append(json.dumps(event).encode() + b"\n")
    spool.close()


def _timed(program: str, *arguments: str) -> tuple[float, float]:
    """Run a program that prints its seconds and its peak memory; return them, in s and MB."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], check=True, stdout=subprocess.PIPE, text=True
    )
    seconds, peak = done.stdout.split()
    return float(seconds), float(peak) * (1 if sys.platform == "darwin" else 1024) / 1e6


def _wall(program: str, arguments: list[str]) -> float:
    started = time.perf_counter()
    command = [sys.executable, "-c", program, *arguments]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
