"""Delivery beside the raw PostHog SDK, in one run: a backlog, and what a session costs.

Run ``python -m benchmarks.delivery [EVENTS] [SESSIONS]``. Each figure stands beside the SDK's from
the same run, as a ratio, since machines differ. Everything stays in a temporary home and on
loopback, except that a name is looked up that nobody has.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from statistics import median

from benchmarks import timing
from cecli.analytics import ids
from cecli.analytics.consent.file import ConsentFile
from cecli.analytics.consent.record import ConsentRecord
from cecli.analytics.destination import Destination
from cecli.analytics.spool.token import Token
from cecli.analytics.spool.writer import Writer
from tools.user import Home, until

KEY = "phc_benchmark"
KEY_OPTION = "analytics-posthog-project-api-key"
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

# The SDK with a queue that holds them all, and flushed, so that it loses none.
SDK_BACKLOG = """
import json, sys
from posthog import Posthog
key, host, events, properties = sys.argv[2], sys.argv[3], int(sys.argv[4]), json.loads(sys.argv[5])
client = Posthog(key, host=host, max_queue_size=events + 1)
for _ in range(events):
    client.capture("message_send", distinct_id="someone", properties=properties)
client.shutdown()
"""
DELIVERY = """
import sys
from cecli.analytics.spool import process
from cecli.analytics.spool.token import Token
from cecli.analytics.delivery.worker import Worker
from cecli.analytics.paths import Paths
paths = Paths(sys.argv[2])
token = Token(paths.spool)
assert token.take(process.identity())
done = Worker(paths, token).run()
assert not done.problems, done
"""
# Appends to the file that the first argument names.
PEAK = """
import resource
with open(sys.argv[1], "a") as file:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=file)
"""
RECEIVER = """
import sys
from cecli.analytics.inspection.receiver import Receiver
receiver = Receiver(mode=sys.argv[1])
receiver.start()
print(receiver.url, flush=True)
receiver.wait()
"""

SESSION = """
import sys
from cecli.analytics import program
program.PROJECT_API_KEY = sys.argv.pop(1)  # as in a release, where few set a key of their own
from cecli.analytics import add_arguments, resolve
from cecli.args import ArgumentParser
parser = ArgumentParser()
add_arguments(parser)
analytics = resolve(parser.parse_args(), parser)
assert analytics.status.state == ("off" if "--no-analytics" in sys.argv else "on"), analytics.status
for number in range(10):
    analytics.event("message_send", prompt_tokens=number, main_model="gpt-4o", outcome="stop")
"""
SDK_SESSION = """
import sys
from cecli.analytics import add_arguments
from cecli.args import ArgumentParser
parser = ArgumentParser()
add_arguments(parser)
args = parser.parse_args()
from posthog import Posthog
client = Posthog(args.analytics_posthog_project_api_key, host=args.analytics_posthog_host)
for number in range(10):
    properties = {"prompt_tokens": number, "main_model": "gpt-4o", "outcome": "stop"}
    client.capture("message_send", distinct_id="someone", properties=properties)
"""


def main() -> None:
    """Measure and print."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    sessions = int(sys.argv[2]) if len(sys.argv) > 2 else 31
    backlog(events)
    session(sessions)
    timing.finish()


def backlog(events: int, turns: int = 2) -> None:
    """Deliver a backlog, and capture and flush as many events with the SDK, in turns."""
    with tempfile.TemporaryDirectory() as base, _Process() as url:
        home, ours, theirs = (Path(base, name) for name in ("home", "ours", "theirs"))
        home.mkdir()
        user, destination = Home(home), Destination(url, KEY)
        user_id = user.agree(destination)
        sent = [url, str(events), json.dumps(PROPERTIES)]
        python = [sys.executable, "-c"]
        times = timing.processes(
            {
                "raw SDK": [*python, SDK_BACKLOG + PEAK, str(theirs), KEY, *sent],
                "deliverer": [*python, DELIVERY + PEAK, str(ours), str(home)],
            },
            runs=turns,
            before=lambda name: (
                _fill(user, user_id, destination, events) if name == "deliverer" else None
            ),
        )
        peaks = {"raw SDK": _peak(theirs), "deliverer": _peak(ours)}
    timing.show(
        f"A backlog of {events} events, whole process, to a receiver in another",
        times,
        unit="s",
        base="raw SDK",
    )
    ratio = median(times["deliverer"]) / median(times["raw SDK"])
    timing.bound("the deliverer's time, to the SDK's", ratio, 1 / 2)
    timing.bound("the deliverer's peak of memory", peaks["deliverer"], 100, "MB")
    print(f"  {'peak of memory of the raw SDK':42} {peaks['raw SDK']:9.2f} MB")


def session(times: int) -> None:
    """Run sessions of 10 events: off, on with servers in all states, and with the SDK."""
    with (
        tempfile.TemporaryDirectory() as base,
        _Process() as good,
        _Process("503") as failing,
        socket.create_server(("127.0.0.1", 0), backlog=1024) as never_answers,
    ):
        dead = f"http://127.0.0.1:{never_answers.getsockname()[1]}"
        servers = {
            "a good server": good,
            "a dead server": dead,
            "a failing server": failing,
            "a refused port": "http://127.0.0.1:9",
            "a name that is none": "http://nowhere.invalid",
        }
        user = Home(Path(base))
        python = [sys.executable, "-c"]
        session = {
            name: [*python, SESSION, KEY, f"--analytics-posthog-host={url}"]
            for name, url in servers.items()
        }
        commands = {"off": [*session["a good server"], "--no-analytics"]}
        for name, url in servers.items():
            ConsentFile(user.paths).update(_agreeing(url))
            commands[f"on, {name}"] = session[name]
        for name in ("a good server", "a dead server"):
            host = f"--analytics-posthog-host={servers[name]}"
            commands[f"raw SDK, {name}"] = [*python, SDK_SESSION, host, f"--{KEY_OPTION}={KEY}"]
        environ = {**os.environ, "HOME": base, "USERPROFILE": base}
        times_of = timing.processes(
            commands,
            runs=times,
            environ=environ,
            before=lambda _: _start_anew(user),
        )
    timing.show("A session of 10 events, whole process", times_of, unit="ms", base="off")
    added = {name: timing.difference(times_of, name, "off") * 1000 for name in commands}
    for name in servers:
        timing.bound(f"added with {name}", added[f"on, {name}"], 8, "ms")
    pair = ("on, a dead server", "on, a good server")
    more, chance = timing.difference(times_of, *pair), timing.noise(times_of, *pair)
    timing.bound("a dead server over a good one, to noise", more / chance, 1)
    for name in ("raw SDK, a good server", "raw SDK, a dead server"):
        print(f"  {f'added by the {name}':42} {added[name]:9.2f} ms")
    ratio = added["on, a good server"] / added["raw SDK, a good server"]
    timing.bound("added, to what the raw SDK adds", ratio, 1 / 20)


def _agreeing(host: str) -> Callable[[ConsentRecord], ConsentRecord]:
    """Return the change of a record by a yes to cecli's own project at a host."""
    return lambda record: record.with_answer(host, True)


class _Process:
    """A receiver in a process of its own, so that it shares no interpreter with what is timed."""

    def __init__(self, mode: str = "ok") -> None:
        self._mode = mode

    def __enter__(self) -> str:
        self._child = subprocess.Popen(
            [sys.executable, "-c", RECEIVER, self._mode], stdout=subprocess.PIPE, text=True
        )
        assert self._child.stdout
        return self._child.stdout.readline().strip()

    def __exit__(self, *_: object) -> None:
        self._child.kill()
        self._child.communicate()


def _fill(user: Home, user_id: str, destination: Destination, events: int) -> None:
    """Queue events, one at a time: a child's peak of memory is at least its parent's."""
    writer = Writer(user.paths.spool, destination)
    for _ in range(events):
        event = {
            "event": "message_send",
            "properties": PROPERTIES,
            "user_id": user_id,
            "time": round(time.time(), 3),
            "uuid": ids.new(),
        }
        writer.append(json.dumps(event).encode() + b"\n")
    writer.hand_over()


def _start_anew(user: Home) -> None:
    """End the deliverer that the last session started, forget what it left, and warm up.

    Otherwise the next session would share the processor with it, or start none, or find caches
    that depend on which program ran before.
    """
    token = Token(user.paths.spool)

    def ended() -> bool:
        if holder := token.holder():  # None until the deliverer has taken the token over
            with suppress(ProcessLookupError):
                os.kill(int(holder.rsplit("-", 2)[1]), signal.SIGKILL)
        return not token.is_taken()

    until(ended, "the end of the deliverer")
    shutil.rmtree(user.paths.spool, ignore_errors=True)
    subprocess.run([sys.executable, "-c", "import configargparse"], check=True)


def _peak(file: Path) -> float:
    """Return the largest memory that was noted in a file, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return max(map(int, file.read_text().split())) * unit / 1e6


if __name__ == "__main__":
    main()
