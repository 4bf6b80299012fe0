"""The verb ``status``: the consent, what waits, and what came of the last delivery."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

from cecli.analytics.consent.record import ConsentFile, ConsentRecord
from cecli.analytics.consent.surroundings import no_home
from cecli.analytics.delivery.state import GONE, State
from cecli.analytics.inspection.user import moment, off_here, own_paths
from cecli.analytics.paths import Paths
from cecli.analytics.spool.folder import trouble
from cecli.analytics.spool.queue import Queue
from cecli.analytics.spool.token import Token
from cecli.messages import printable, show, shown


def run() -> int:
    """Show it all; return the exit code."""
    for line in _lines(own_paths()):
        show(printable(line) + "\n", sys.stdout)
    return 0


def _lines(paths: Paths) -> Iterator[str]:
    where = shown(paths.spool, paths.home)
    if not no_home(paths.home) and (why := trouble(paths.spool)):
        yield f"trouble:  no event can be queued or sent: {where} {why}"
    yield f"consent:  {_consent(ConsentFile(paths).load())}"
    yield f"file:     {shown(paths.consent, paths.home)}"
    yield f"queue:    {_waiting(Queue(paths.spool))}; {where}"
    under_way = Token(paths.spool).is_taken()
    if under_way:
        yield "now:      a delivery is under way"
    yield from _remembered(State.load(paths.spool), under_way)


def _consent(record: ConsentRecord) -> str:
    off = off_here()
    if off:
        return f"off: {off}"
    if record.problem:
        return f"off: the file {record.problem}"
    if record.permanently_disable:
        return "off: analytics is permanently disabled"
    if not record.destinations:
        return "never asked"
    answers = {True: "agreed", False: "refused"}
    return "; ".join(f"{answers[yes]} for {id}" for id, yes in record.destinations.items())


def _waiting(queue: Queue) -> str:
    names = queue.segments()
    size = sum(queue.size(name) for name in names)
    text = f"{len(names)} file{'' if len(names) == 1 else 's'}, {size / 1000:.0f} kB"
    return f"{text}, the oldest from {moment(names[0].created)}" if names else text


def _remembered(state: State, under_way: bool) -> Iterator[str]:
    """Yield what deliverers remember: who failed, the last delivery, and what was not sent."""
    now = time.time()
    for id, back_off in state.failing(under_way).items():
        tries = f"{back_off.failures} failure{'' if back_off.failures == 1 else 's'}"
        until = "" if back_off.is_over(now) else f", left alone until {moment(back_off.until)}"
        yield f"failing:  {id}: {back_off.why}; {tries}{until}"
    for id in state.gone:
        yield f"gone:     {id}: {GONE}"
    if state.last_time:
        yield f"last:     {moment(state.last_time)}: {state.last_result}"
    unsent = state.unsent
    yield (
        f"not sent: {unsent.not_agreed} not agreed to, "
        f"{unsent.dropped} too old or too many, {unsent.damaged} damaged, "
        f"{unsent.set_aside} refused by the server"
    )
