"""Delivery beside the raw PostHog SDK, in one run: a backlog, and what a session costs.

Run ``python -m benchmarks.delivery [EVENTS] [SESSIONS]``. Each figure stands beside the SDK's from
the same run, as a ratio, since machines differ. Everything stays on loopback and in a temporary
home.

Bounds: a backlog in half of the SDK's time and under 100 MB; a session of 10 events with analytics
on at most 8 ms longer than off, a 25th of what the SDK adds, and no longer with a dead server.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress

from benchmarks import timing
from cecli.analytics import consent, ids
from cecli.analytics.delivery import token
from cecli.analytics.model import Destination
from cecli.analytics.paths import Paths
from cecli.analytics.spool import Spool

KEY = "phc_benchmark"
KEY_OPTION = "analytics-posthog-project-api-key"
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

SESSION = """
import sys
from cecli.analytics import add_arguments, resolve
from cecli.args import make_parser
parser = make_parser()
add_arguments(parser)
analytics = resolve(parser.parse_args(), parser)
assert analytics.status.state == ("off" if "--no-analytics" in sys.argv else "on"), analytics.status
for number in range(10):
    analytics.event("message_send", prompt_tokens=number, main_model="gpt-4o", edit_format="diff")
analytics.close()
"""
SDK_SESSION = """
import sys
from cecli.analytics import add_arguments
from cecli.args import make_parser
parser = make_parser()
add_arguments(parser)
args = parser.parse_args()
from posthog import Posthog
client = Posthog(args.analytics_posthog_project_api_key, host=args.analytics_posthog_host)
for number in range(10):
    properties = {"prompt_tokens": number, "main_model": "gpt-4o", "edit_format": "diff"}
    client.capture("message_send", distinct_id="someone", properties=properties)
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
    """Run sessions of 10 events: off, on with servers in all states, and with the SDK."""
    with (
        tempfile.TemporaryDirectory() as home,
        _Process() as good,
        _Process("hang") as dead,
        _Process("503") as failing,
    ):
        servers = {
            "a good server": good,
            "a dead server": dead,
            "a failing server": failing,
            "a refused port": "http://127.0.0.1:9",
            "a name that is none": "http://nowhere.invalid",
        }
        python = [sys.executable, "-c"]
        commands = {"off": [*python, SESSION, "--no-analytics"]}
        options = {}
        for name, url in servers.items():
            _agree(home, Destination(url, KEY))
            options[name] = [f"--analytics-posthog-host={url}", f"--{KEY_OPTION}={KEY}"]
            commands[f"on, {name}"] = [*python, SESSION, *options[name]]
        for name in ("a good server", "a dead server"):
            commands[f"raw SDK, {name}"] = [*python, SDK_SESSION, *options[name]]
        environ = {"HOME": home, "USERPROFILE": home}
        times_of = timing.processes(
            commands,
            runs=times,
            environs=dict.fromkeys(commands, environ),
            before=lambda _: _end_deliverer(home),
        )
    timing.show("A session of 10 events, whole process", times_of, unit="ms", base="off")
    added = {name: timing.difference(times_of, name, "off") * 1000 for name in commands}
    for name in commands:
        print(f"  {name:42} adds {added[name]:8.1f} ms")
    ratio = added["raw SDK, a good server"] / added["on, a good server"]
    print(f"  the raw SDK adds {ratio:.0f} times as much")


class _Process:
    """A receiver in a process of its own, so that it shares no interpreter with what is timed."""

    def __init__(self, mode: str = "ok") -> None:
        self._mode = mode

    def __enter__(self) -> str:
        code = "from cecli.analytics.delivery.receiver import Receiver\n"
        code += f"r = Receiver(mode={self._mode!r}); r.start(); print(r.url, flush=True); r.wait()"
        self._child = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
        )
        assert self._child.stdout
        return self._child.stdout.readline().strip()

    def __exit__(self, *_: object) -> None:
        self._child.kill()
        self._child.communicate()


def _end_deliverer(home: str) -> None:
    """End the deliverer that the last session started, and forget what it left.

    Otherwise the next session would share the processor with it, or start none.
    """
    spool = Paths(home).spool
    give_up = time.monotonic() + 10
    while token.is_taken(spool) and time.monotonic() < give_up:
        with (
            suppress(OSError, ValueError, TypeError, AttributeError),
            open(os.path.join(spool, token.FILE), encoding="utf-8") as file,
        ):
            # None until it has taken the token over from the session.
            os.kill(int(json.load(file)["process"].split("-")[1]), signal.SIGKILL)
        time.sleep(0.01)
    shutil.rmtree(spool, ignore_errors=True)


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


if __name__ == "__main__":
    main()
