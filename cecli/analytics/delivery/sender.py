"""One request at a time to one destination, and what its outcome means for the next.

Owns the connection and the destination's back-off. Whether a request may be made is
:mod:`~cecli.analytics.delivery.permission`'s; which events go together, and what becomes of their
files, is :mod:`~cecli.analytics.delivery.batches`'.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, NoReturn

from cecli.analytics.delivery.back_off import BackOff, after_failure
from cecli.analytics.delivery.permission import Permission
from cecli.analytics.delivery.state import State
from cecli.analytics.destination import Target
from cecli.analytics.spool.segment import Envelope

if TYPE_CHECKING:
    from cecli.analytics.delivery.posthog import Connection


class LeaveAlone(Exception):
    """Nothing more is sent to this destination in this delivery; the message says why."""


class Sender:
    """Makes requests to one destination as long as it may."""

    def __init__(
        self,
        target: Target,
        permission: Permission,
        state: State,
        *,
        clock: Callable[[], float],
        patience: float,
        chance: Random,
        connection: Connection | None = None,
    ) -> None:
        """Prepare.

        Args:
            target: where to send.
            permission: asked before each request, and while it goes.
            state: where the back-off is remembered.
            clock: seconds since the epoch.
            patience: seconds to wait for one request as a whole.
            chance: makes a part of each back-off random.
            connection: the way to the target; None makes one with the first request.
        """
        self.target = target
        self.id = target.id
        self._permission, self._state = permission, state
        self._clock, self._patience, self._chance = clock, patience, chance
        self._connection = connection

    def send(self, events: list[Envelope]) -> bool:
        """Make one request; False if the server refuses these events when they come together.

        Args:
            events: those that the user agreed to send.

        Raises:
            LeaveAlone: the events must wait.
            Stop: nothing may be sent any more.
        """
        self._permission.require_agreement(self.id, events)
        self._permission.require_turn()
        earlier = self._state.back_offs.get(self.id)
        try:
            from cecli.analytics.delivery import posthog  # a quarter of a second, if there is work
        except ImportError:
            self.leave_alone("the posthog package can't be imported")
        # Stored before the request, so that one in which this process is killed counts, too.
        self._state.begin_to_ask(self.id, self._after_failure("ended before an answer"))
        if self._connection is None:
            self._connection = posthog.Connection(self.target.destination, patience=self._patience)
        outcome = self._connection.send(events, lambda: self._permission.holds(self.id, events))
        self._permission.require()  # or the state would be written anew into an emptied folder
        accepted = outcome.answer is posthog.Answer.ACCEPTED
        self._state.set_back_off(self.id, None if accepted else earlier)
        if outcome.answer is posthog.Answer.GONE:
            self._state.set_gone(self.target)
            raise LeaveAlone(outcome.why)
        if outcome.answer is posthog.Answer.KEEP:
            self._permission.require_agreement(self.id, events)  # if withdrawn, that was why
            self.leave_alone(outcome.why, outcome.retry_after)
        return accepted

    def leave_alone(self, why: str, retry_after: float = 0) -> NoReturn:
        """Store a back-off, of *retry_after* seconds at least, and let the events wait.

        Raises:
            LeaveAlone: always.
        """
        self._state.set_back_off(self.id, self._after_failure(why, retry_after))
        raise LeaveAlone(why)

    def close(self) -> None:
        """Close the connection."""
        if self._connection:
            self._connection.close()

    def _after_failure(self, why: str, retry_after: float = 0) -> BackOff:
        earlier, chance = self._state.back_offs.get(self.id), self._chance.random()
        return after_failure(earlier, self._clock(), why, retry_after, chance=chance)
