"""A recorder for the tests of a program: strict, and with a list in place of log and delivery."""

from __future__ import annotations

from cecli.analytics import ids
from cecli.analytics.catalogue.declaration import Catalogue
from cecli.analytics.catalogue.sanitiser import Sanitiser
from cecli.analytics.client import Analytics
from cecli.analytics.consent.decision import Status
from cecli.analytics.facts.environment import facts
from cecli.analytics.program import CECLI, Program
from cecli.analytics.spool.segment import Envelope, read_event

__all__ = ["Envelope", "RecordingAnalytics"]


class RecordingAnalytics(Analytics):
    """Keeps what would leave, and raises :class:`NotAsDeclared` for what wouldn't.

    Reads no settings, writes no file, asks nothing and sees no crashes.
    """

    def __init__(self, catalogue: Catalogue | None = None, program: Program = CECLI) -> None:
        """Record what *catalogue* declares, the built-in events by default; this freezes it.

        Each event names the *program*.
        """
        catalogue = Catalogue() if catalogue is None else catalogue
        if not isinstance(catalogue, Catalogue):
            raise TypeError(f"expected a Catalogue, not {type(catalogue).__name__}")
        catalogue.declare_program(program.name)
        catalogue.freeze()
        log = _Memory()
        self.envelopes = log.envelopes
        """What was recorded, in that order."""
        super().__init__(
            Status("log only", "a test records it", "nowhere", None, None),
            sanitiser=Sanitiser(catalogue, ids.new(), facts(program)),
            log=log,
            strict=True,
            hooks=False,
        )

    @property
    def names(self) -> list[str]:
        """The names of the recorded events, in that order."""
        return [envelope.event for envelope in self.envelopes]


class _Memory:
    """A log that is a list."""

    path = "nowhere"

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []

    def write(self, line: bytes) -> None:
        envelope = read_event(line.removesuffix(b"\n"))
        assert envelope is not None
        self.envelopes.append(envelope)

    def close(self) -> None:
        pass
