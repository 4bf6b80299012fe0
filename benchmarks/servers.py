"""What a session costs with servers that don't answer, beside one with a server that does."""

from __future__ import annotations

import socket

from benchmarks import ground, timing
from benchmarks.ratio import ratio
from benchmarks.results import Bound, Part, figures

GOOD = "a server that answers"


def measure(runs: int = 25) -> Part:
    """Time whole processes, in turns."""
    with (
        ground.receiver() as good,
        ground.receiver("503") as failing,
        socket.create_server(("127.0.0.1", 0), backlog=1024) as never_answers,
    ):
        servers = {
            GOOD: good,
            "a server that never answers": f"http://127.0.0.1:{never_answers.getsockname()[1]}",
            "a server that fails": failing,
            "a refused port": "http://127.0.0.1:9",
        }
        with ground.user(*servers.values()) as user:
            environ = ground.environ(user.home)
            sessions = {
                name: ground.program("ours", f"{ground.HOST}={url}", environ=environ)
                for name, url in servers.items()
            }
            times = timing.processes(
                sessions,
                runs=runs,
                before=lambda _: ground.ready(user),
            )
    return Part(
        "A session, whatever the server does",
        bounds=tuple(
            Bound(
                f"a session with {name}, to one with {GOOD}",
                ratio(times, name, GOOD),
                1.1,
                "A session opens no connection, so it can't know; any wait would be far longer.",
            )
            for name in servers
            if name != GOOD
        ),
        figures=figures(times),
    )
