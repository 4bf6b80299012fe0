"""One delivery of what waits in the home; notes in a file what that has used."""

import os
import sys

from benchmarks.programs.usage import note
from cecli.analytics.delivery.worker import Worker
from cecli.analytics.paths import Paths
from cecli.analytics.spool import process
from cecli.analytics.spool.token import Token


def deliver(events: int) -> None:
    """Deliver, and make sure that so many events were sent."""
    paths = Paths(os.environ["HOME"])
    os.makedirs(paths.spool, mode=0o700, exist_ok=True)
    token = Token(paths.spool)
    assert token.take(process.identity())
    done = Worker(paths, token).run()
    assert not done.problems, done
    assert done.sent == events, done


if __name__ == "__main__":
    deliver(int(sys.argv[2]))
    note(sys.argv[1])
