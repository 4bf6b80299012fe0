"""A program with analytics on, in a process of its own.

Run as ``recording_program.py EVENTS [OPTION...]``, with the options of cecli: it records that many
events, or events for ever if EVENTS is 0, and prints the uuid of each one as soon as ``event`` has
returned. Its log is ``session-<pid>.jsonl`` in its home. It ends when its input does, and says on
stderr whether it started a deliverer, which modules it has loaded, and how many threads it has.
"""

from __future__ import annotations

import _thread
import itertools
import json
import os
import sys

from cecli.analytics import add_arguments, resolve
from cecli.args import ArgumentParser

SPAWN = "os.posix_spawn"
"""How a deliverer is started, as sys.addaudithook() names it."""


def main() -> None:
    """Be a session."""
    before = set(sys.modules)
    events, options = int(sys.argv[1]), sys.argv[2:]
    log = os.path.join(os.environ["HOME"], f"session-{os.getpid()}.jsonl")
    parser = ArgumentParser()
    add_arguments(parser)
    analytics = resolve(parser.parse_args([*options, "--analytics-log", log]), parser)
    assert analytics.status.state == "on", analytics.status
    started: list[str] = []
    sys.addaudithook(lambda event, _: started.append(event) if event == SPAWN else None)
    with open(log, "rb") as file:
        for number in range(events) if events else itertools.count():
            analytics.event("message_send", prompt_tokens=number, main_model="gpt-4o")
            os.write(1, json.loads(file.readline())["uuid"].encode() + b"\n")
    sys.stdin.read()
    analytics.close()
    loaded = sorted(set(sys.modules) - before)
    threads = 1 + _thread._count()
    print(
        json.dumps({"started": bool(started), "loaded": loaded, "threads": threads}),
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
