"""A recorder for the tests of a host: strict, and with a list in place of log and delivery."""

from __future__ import annotations

from cecli.analytics import ids
from cecli.analytics.catalogue import sanitiser as sanitise
from cecli.analytics.catalogue.declaration import Catalogue
from cecli.analytics.client import Analytics, Status
from cecli.analytics.facts.environment import facts
from cecli.analytics.spool.segment import Envelope, read_event


class RecordingAnalytics(Analytics):
    """Keeps what would leave, and raises :class:`NotAsDeclared` for what wouldn't.

    Reads no settings, writes no file, asks nothing and sees no crashes.
    """

    def __init__(self, catalogue: Catalogue | None = None) -> None:
        """Record what *catalogue* declares, the built-in events by default; this freezes it."""
        super().__init__(
            Status("log only", "a test records it", "nowhere", None, None),
            build=self._record,
            strict=True,
        )
        self.envelopes: list[Envelope] = []
        """What was recorded, in that order."""
        self._catalogue = catalogue or Catalogue()
        self._catalogue.freeze()
        self._origin = sanitise.origin(self._catalogue, ids.new(), facts())

    @property
    def names(self) -> list[str]:
        """The names of the recorded events, in that order."""
        return [envelope.event for envelope in self.envelopes]

    def _record(
        self, name: object, properties: object, *, time: float, uuid: str
    ) -> sanitise.Sanitised:
        made = sanitise.sanitise(
            self._catalogue, self._origin, name, properties, time=time, uuid=uuid
        )
        if made.line is not None and not made.changed:
            envelope = read_event(made.line.rstrip(b"\n"))
            assert envelope is not None
            self.envelopes.append(envelope)
        return made
