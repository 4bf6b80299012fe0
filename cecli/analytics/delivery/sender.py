"""One request at a time: whether it may be made, and what its outcome means for the next.

Asks the consent and the token before each request, and keeps the back-offs. Which events go
together, and what becomes of their files, is :mod:`~cecli.analytics.delivery.worker`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cecli.analytics.consent import record as consent
from cecli.analytics.consent.record import ConsentRecord
from cecli.analytics.delivery import state
from cecli.analytics.delivery.state import BackOff
from cecli.analytics.delivery.token import Token
from cecli.analytics.destination import Destination
from cecli.analytics.paths import Paths
from cecli.analytics.spool import queue
from cecli.analytics.spool.segment import Envelope
from cecli.messages import shown

if TYPE_CHECKING:
    from cecli.analytics.delivery.posthog import Connection


class Stop(Exception):
    """Nothing more may be sent in this delivery; the message says why."""


class LeaveAlone(Exception):
    """Nothing more is sent to this destination in this delivery; the message says why."""


class Sender:
    """Makes requests as long as the user agrees and the token is this process's."""

    def __init__(
        self, paths: Paths, token: Token, clock: Callable[[], float], patience: float
    ) -> None:
        """Read what earlier deliverers remember; *patience* is in seconds a request."""
        self.token = token
        self.state = state.load(paths.spool)
        self._paths, self._clock, self._patience = paths, clock, patience
        self._connections: dict[Destination, Connection] = {}

    def require_consent(self) -> ConsentRecord:
        """Read the consent; a user who has disabled analytics finds the queue empty.

        Raises:
            Stop: nothing may be sent to anybody.
        """
        record = consent.load(self._paths)
        if record.permanently_disable:
            queue.empty(self._paths.spool)
            raise Stop("Analytics is disabled; the queue was emptied.")
        if record.problem:
            where = shown(self._paths.consent, self._paths.home)
            raise Stop(f"{where} counts as a refusal: it {record.problem}.")
        return record

    def send(self, id: str, destination: Destination, events: list[Envelope]) -> bool:
        """Make one request; False if the server refuses these events, as they are, together.

        Args:
            id: what the consent record calls the destination.
            destination: where to send.
            events: those that the user agreed to send there.

        Raises:
            LeaveAlone: the events must wait.
            Stop: nothing may be sent any more.
        """
        self._require_agreement(id, events)
        if not self.token.renew():
            raise Stop("Another deliverer has taken over.")
        earlier = self.state.back_offs.get(id)
        # Stored before the request, so that one in which this process is killed counts, too.
        self._store(id, state.after_failure(earlier, self._clock(), "ended before an answer"))
        try:
            from cecli.analytics.delivery import posthog  # a quarter of a second, if there is work
        except ImportError as error:
            raise self.leave_alone(id, "the posthog package can't be imported") from error
        connection = self._connections.get(destination)
        if connection is None:
            connection = posthog.Connection(destination, patience=self._patience)
            self._connections[destination] = connection
        outcome = connection.send(
            events, lambda: self.token.is_held() and _agrees(consent.load(self._paths), id, events)
        )
        self.require_consent()  # or the state would be written anew into an emptied folder
        accepted = outcome.answer is posthog.Answer.ACCEPTED
        self._store(id, None if accepted else earlier)
        if outcome.answer is posthog.Answer.KEEP:
            self._require_agreement(id, events)  # if it was withdrawn, that was why
            raise self.leave_alone(id, outcome.why, outcome.retry_after)
        return accepted

    def close(self) -> None:
        """Close all connections."""
        for connection in self._connections.values():
            connection.close()

    def _require_agreement(self, id: str, events: list[Envelope]) -> None:
        if not _agrees(self.require_consent(), id, events):
            raise Stop("The consent has changed meanwhile.")

    def leave_alone(self, id: str, why: str, retry_after: float = 0) -> LeaveAlone:
        """Store a back-off; return what to raise."""
        earlier = self.state.back_offs.get(id)
        self._store(id, state.after_failure(earlier, self._clock(), why, retry_after))
        return LeaveAlone(why)

    def _store(self, id: str, back_off: BackOff | None) -> None:
        self.state.back_offs.pop(id, None)
        if back_off:
            self.state.back_offs[id] = back_off
        state.save(self._paths.spool, self.state)


def _agrees(record: ConsentRecord, id: str, events: list[Envelope]) -> bool:
    """Tell whether the user agrees to send these events to a destination."""
    return record.agreed(id) is True and all(event.user_id == record.uuid for event in events)
