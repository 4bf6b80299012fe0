"""Each part that needs no aider can be run, and finds what its bounds speak of."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from benchmarks import backlog, crowd, event, log, queue, servers, session, start, view
from benchmarks.results import Part

PARTS: dict[str, Callable[[], Part]] = {
    "backlog": partial(backlog.measure, events=500, runs=2),
    "crowd": partial(crowd.measure, sizes={1: 1, 3: 1}),
    "event": partial(event.measure, runs=2),
    "log": partial(log.measure, runs=1),
    "queue": partial(
        queue.measure, sizes={queue.EMPTY: 0, queue.SOME: 200, queue.MANY: 300}, full=20, runs=3
    ),
    "servers": partial(servers.measure, runs=1),
    "session": partial(session.measure, runs=2),
    "start": partial(start.measure, runs=1),
    "view": partial(view.measure, events=2_000, runs=1),
}


@pytest.mark.parametrize("name", PARTS)
def test_a_part_finds_what_its_bounds_speak_of(name: str) -> None:
    part = PARTS[name]()
    assert part.bounds
    assert all(bound.why.endswith(".") for bound in part.bounds)
    assert part.figures or part.growth
