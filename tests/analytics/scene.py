"""A user's home with a consent and a queue, and the processes around it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from cecli.analytics import ids
from cecli.analytics.delivery.back_off import BackOff
from cecli.analytics.delivery.result import Delivery
from cecli.analytics.delivery.state import State
from cecli.analytics.delivery.worker import Worker
from cecli.analytics.destination import Destination
from cecli.analytics.paths import Paths
from cecli.analytics.spool import process
from cecli.analytics.spool.queue import Queue
from cecli.analytics.spool.token import Token
from cecli.analytics.spool.writer import Writer
from tests.analytics import recording_program
from tools import user
from tools.user import Home, until

KEY = "phc_secret_of_the_test"


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


class Scene(Home):
    """One user, who has agreed to one destination."""

    def __init__(self, home: Path, host: str) -> None:
        super().__init__(home)
        self.folder = Path(self.paths.spool)
        self.destination = Destination(host, KEY)
        self.user_id = self.agree(self.destination)

    def lines(self, count: int) -> list[bytes]:
        return [line(self.user_id, number=number) for number in range(count)]

    def queue(self, count: int, destination: Destination | None = None) -> list[dict[str, Any]]:
        """Hand over a segment of that many events; return them as the log has them."""
        return self.queue_lines(self.lines(count), destination)

    def queue_lines(
        self, lines: Iterable[bytes], destination: Destination | None = None
    ) -> list[dict[str, Any]]:
        writer, taken = Writer(self.paths.spool, destination or self.destination), []
        for line in lines:
            writer.append(line)
            taken.append(json.loads(line))
        writer.hand_over()
        return taken

    def logged(self) -> list[dict[str, Any]]:
        """Return all that sessions have logged."""
        logs = self.home.glob("session-*.jsonl")
        # A session that was killed may have left half a line at the end.
        lines = [line for log in logs for line in log.read_bytes().splitlines(keepends=True)]
        return [json.loads(line) for line in lines if line.endswith(b"\n")]

    def deliver(self, **options: Any) -> Delivery:
        """Make one delivery in this process."""
        return Worker(self.paths, self.take_token(process.identity()), **options).run()

    def take_token(self, holder: str | None) -> Token:
        """Return the token, taken for a deliverer."""
        token = Token(self.paths.spool)
        assert token.take(holder)
        return token

    def run_program(self, program: str) -> str:
        """Run a program that sends to the destination; return its output."""
        words = [sys.executable, "-c", program, "--analytics-posthog-host", self.destination.host]
        variables = {"CECLI_ANALYTICS_POSTHOG_PROJECT_API_KEY": KEY}
        return self.run(*words, variables=variables, check=True).stdout

    def start_session(self, events: int, **options: Any) -> subprocess.Popen[str]:
        """Start a session in a process of its own."""
        host = ["--analytics-posthog-host", self.destination.host]
        return subprocess.Popen(
            [sys.executable, recording_program.__file__, str(events), *host],
            env=self.process_environ({"CECLI_ANALYTICS_POSTHOG_PROJECT_API_KEY": KEY}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **{"stdin": subprocess.DEVNULL, **options},
        )

    def deliverer(self) -> int | None:
        """Return the number of the process that has the token, if any has taken it over."""
        holder = Token(self.paths.spool).holder()
        return int(holder.rsplit("-", 2)[1]) if holder else None

    def wait_for_deliverer(self) -> int:
        """Wait until a deliverer has the token and return its process number."""
        return until(self.deliverer, "a deliverer")

    def wait_for_quiet(self) -> None:
        """Wait until no deliverer is at work."""
        until(lambda: not Token(self.paths.spool).is_taken(), "the end of the deliverer")

    @property
    def waiting(self) -> list[str]:
        """The states of the segments that wait."""
        return [name.state for name in Queue(self.paths.spool).segments()]

    @property
    def state(self) -> State:
        return State.load(self.paths.spool)

    def back_off_from(self, destination: Destination, until: float) -> None:
        """Let a deliverer remember that a destination is to be left alone."""
        remembered = self.state
        remembered.back_offs[destination.id] = BackOff(1, until, "status 503")
        remembered.save()

    @property
    def back_off(self) -> BackOff | None:
        return self.state.back_offs.get(self.destination.id)


def dead() -> str:
    """Return the identity of a process that doesn't live; the number is above all real ones."""
    return process.identity().rsplit("-", 2)[0] + "-99999999-1"


@contextmanager
def living() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Give a process that lives until it is killed, or given a line; and its identity."""
    code = "from cecli.analytics.spool import process; print(process.identity(), flush=True)"
    with subprocess.Popen(
        [sys.executable, "-c", f"{code}; input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout
        yield child, child.stdout.readline().strip()


def hurry(paths: Paths) -> None:
    """Deliver what a deliverer would deliver after its pause, unless one is at work."""
    token = Token(paths.spool)
    if token.take(process.identity(), in_turn=False):
        Worker(paths, token).run()


def uuids(events: Iterable[dict[str, Any]]) -> list[str]:
    return [event["uuid"] for event in events]


run = partial(user.run, "cecli-analytics")
"""Run ``cecli-analytics`` as a user does."""


def start(*command: str, **options: Any) -> subprocess.Popen[str]:
    """Start ``cecli-analytics``."""
    return subprocess.Popen(
        [user.SCRIPTS / "cecli-analytics", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )
