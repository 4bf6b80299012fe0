"""Recorders of cecli that need no session: an event to record, and where it is kept."""

from __future__ import annotations

from collections.abc import Callable

from cecli.analytics import ids
from cecli.analytics.catalogue.sanitiser import Sanitiser
from cecli.analytics.client import Analytics
from cecli.analytics.consent.decision import Status
from cecli.analytics.destination import Destination
from cecli.analytics.facts.environment import facts
from cecli.analytics.log import Log
from cecli.analytics.program import CECLI
from cecli.analytics.spool.writer import Writer
from cecli.sessions import aider_events

MESSAGE: dict[str, object] = {
    "main_model": "gpt-4o",
    "weak_model": "gpt-4o-mini",
    "editor_model": "gpt-4o",
    "outcome": "stop",
    "prompt_tokens": 1234,
    "completion_tokens": 567,
    "total_tokens": 1801,
    "cost": 0.0123,
    "total_cost": 0.456,
}
"""The properties of a `message_send`, the event that sessions have most of."""
DESTINATION = Destination("http://127.0.0.1:9", "phc_benchmark")


def logging(path: str) -> Analytics:
    """Return a recorder that writes to a log."""
    return _recorder(log=Log(path))


def queueing(
    spool: str, destination: Destination = DESTINATION, *, user_id: str | None = None
) -> Analytics:
    """Return a recorder that writes to a queue, in a folder that is made if it isn't there."""
    return _recorder(writer=Writer(spool, destination), user_id=user_id)


def logging_and_queueing(path: str, spool: str) -> Analytics:
    """Return a recorder that writes to both, as most do."""
    return _recorder(log=Log(path), writer=Writer(spool, DESTINATION))


def off() -> Analytics:
    """Return a recorder that keeps nothing."""
    return Analytics(_STATUS)


def message(made: Analytics) -> Callable[[], object]:
    """Return what records a message."""
    return lambda: made.event("message_send", **MESSAGE)


_STATUS = Status("on", "a benchmark", DESTINATION.host, None, None)


def _recorder(
    log: Log | None = None, writer: Writer | None = None, user_id: str | None = None
) -> Analytics:
    sanitiser = Sanitiser(aider_events.catalogue(), user_id or ids.new(), facts(CECLI))
    return Analytics(_STATUS, sanitiser=sanitiser, log=log, writer=writer, hooks=False)
