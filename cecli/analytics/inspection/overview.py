"""How analytics stands here and now, for the verb ``status``: looked at, decided, not yet in words.

Nothing is created, changed or asked.
"""

from __future__ import annotations

import os
import sys
import time

from cecli.analytics.consent import surroundings
from cecli.analytics.consent.decision import Status, Verdict, decide, status_of
from cecli.analytics.consent.file import ConsentFile
from cecli.analytics.consent.record import ConsentRecord
from cecli.analytics.delivery.state import State
from cecli.analytics.inspection.user import User
from cecli.analytics.paths import Paths
from cecli.analytics.settings.merge import Settings
from cecli.analytics.spool.folder import trouble
from cecli.analytics.spool.queue import Queue
from cecli.analytics.spool.token import Token
from cecli.named_tuple import NamedTuple


class Waiting(NamedTuple):
    """What waits to be delivered."""

    events: int
    files: int
    size: int
    """Bytes."""
    oldest: float | None
    """When the oldest file was begun, in seconds since the epoch."""


class Overview(NamedTuple):
    """All that there is to tell."""

    paths: Paths
    settings: Settings
    record: ConsentRecord
    status: Status
    """What a session that began here now would do."""
    asks: bool
    """Whether it would ask first."""
    waiting: Waiting
    trouble: str | None
    """Why nothing can be queued; None if it can."""
    delivering: bool
    """Whether a delivery is under way."""
    deliveries: State
    """What deliverers remember."""
    now: float


def look(user: User) -> Overview:
    """Look around.

    Raises:
        Problem: there is no home folder.
        SystemExit: with 2, if a setting can't be read.
    """
    settings, paths = user.settings(), user.paths
    record = ConsentFile(paths).load()
    # Who pipes this into a pager sits before a terminal all the same.
    seen = surroundings.look(os.environ, home=paths.home, stdin=sys.stdin, stdout=sys.stdin)
    decision = decide(settings, record.with_id(), seen)
    return Overview(
        paths=paths,
        settings=settings,
        record=record,
        status=status_of(settings, decision, paths),
        asks=decision.verdict is Verdict.ASK,
        waiting=_waiting(Queue(paths.spool)),
        trouble=None if seen.no_home else trouble(paths.spool),
        delivering=Token(paths.spool).is_taken(),
        deliveries=State.load(paths.spool),
        now=time.time(),
    )


def _waiting(queue: Queue) -> Waiting:
    names = queue.segments()
    return Waiting(
        events=sum(queue.lines(name) for name in names),
        files=len(names),
        size=sum(queue.size(name) for name in names),
        oldest=names[0].created if names else None,
    )
