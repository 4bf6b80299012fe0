"""Whether anything may still be sent: the user agrees, and it is this deliverer's turn.

Owns the questions that are asked before each request, and again while it goes. The answers are
the consent record's and the token's.
"""

from __future__ import annotations

from cecli.analytics.consent.file import ConsentFile
from cecli.analytics.consent.record import ConsentRecord
from cecli.analytics.paths import Paths
from cecli.analytics.spool.folder import trouble
from cecli.analytics.spool.segment import Envelope
from cecli.analytics.spool.token import Token
from cecli.messages import shown


class Stop(Exception):
    """Nothing more may be sent in this delivery; the message says why."""


class Disabled(Stop):
    """The user has disabled analytics: what waits is to be deleted."""


class Permission:
    """Asks anew each time: a user may refuse, and a token be lost, in the midst of a delivery."""

    def __init__(self, paths: Paths, token: Token) -> None:
        self._paths, self._token = paths, token
        self._consent = ConsentFile(paths)

    def require(self) -> ConsentRecord:
        """Read the consent.

        Raises:
            Disabled: the user has disabled analytics.
            Stop: nothing may be sent to anybody.
        """
        record = self._consent.load()
        if record.permanently_disable:
            raise Disabled("Analytics is disabled; the queue was emptied.")
        if record.problem:
            where = shown(self._paths.consent, self._paths.home)
            raise Stop(f"{where} counts as a refusal: it {record.problem}.")
        if why := trouble(self._paths.spool):  # others could have put events there
            raise Stop(f"{shown(self._paths.spool, self._paths.home)} {why}.")
        return record

    def agreed(self, id: str, events: list[Envelope]) -> list[Envelope]:
        """Return those events that the user agrees to send.

        Args:
            id: what the consent record calls the destination.
            events: what is to go there.

        Raises:
            Stop: nothing may be sent to anybody.
        """
        return _agreed(self.require(), id, events)

    def require_agreement(self, id: str, events: list[Envelope]) -> None:
        """Make sure that the user agrees to send all of *events* to the destination *id*.

        Raises:
            Stop: the user doesn't.
        """
        if self.agreed(id, events) != events:
            raise Stop("The consent has changed meanwhile.")

    def require_turn(self) -> None:
        """Make sure that it is this deliverer's turn, for as long as one request may take.

        Raises:
            Stop: it isn't.
        """
        if not self._token.renew():
            raise Stop("Another deliverer has taken over.")

    def holds(self, id: str, events: list[Envelope]) -> bool:
        """Tell whether *events* may still go to the destination *id*; changes nothing."""
        return self._token.is_held() and _agreed(self._consent.load(), id, events) == events


def _agreed(record: ConsentRecord, id: str, events: list[Envelope]) -> list[Envelope]:
    agreed = record.agreed(id) is True
    return [event for event in events if agreed and event.user_id == record.uuid]
