"""The recorder: what a program calls, and what never gets in its way.

What may leave is the catalogue's; who is asked, and what is on, is settled before.
"""

from __future__ import annotations

import atexit
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from cecli import TYPE_CHECKING
from cecli.analytics import ids
from cecli.analytics.running import crash
from cecli.analytics.running.feature import Feature
from cecli.messages import because, say, shown

if TYPE_CHECKING:  # a session that is off doesn't load them
    import asyncio
    from types import TracebackType

    from cecli.analytics.catalogue.declaration import Catalogue
    from cecli.analytics.catalogue.sanitiser import Sanitised, Sanitiser
    from cecli.analytics.consent.decision import Status
    from cecli.analytics.facts.options_used import OptionUse
    from cecli.analytics.log import Lines
    from cecli.analytics.spool.writer import Writer


class NotAsDeclared(Exception):
    """In strict mode, an event that the catalogue would have changed or dropped.

    The message says which, and what was expected; never the value.
    """


class Analytics:
    """Records events for one session; made by :func:`~cecli.analytics.resolve`.

    :meth:`event`, :meth:`feature` and :meth:`close` never block and, except in strict mode, never
    raise, whatever is passed or goes wrong. While events are recorded, so are uncaught exceptions.
    As a context manager it closes itself; otherwise all that was recorded is handed over at exit.
    """

    def __init__(
        self,
        status: Status,
        *,
        sanitiser: Sanitiser | None = None,
        options: Sequence[OptionUse] | None = None,
        log: Lines | None = None,
        writer: Writer | None = None,
        start_deliverer: Callable[[], object] | None = None,
        elsewhere: Callable[[str], Analytics] | None = None,
        strict: bool = False,
        hooks: bool = True,
        complain: Callable[[str], object] = lambda text: say(text, sys.stderr),
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Make a recorder; without *log* and *writer* it is off.

        Args:
            status: what it does, for people.
            sanitiser: makes the line of each event.
            options: the options that were set; every ``launched`` names them.
            log: where each event is written to.
            writer: lets each event wait for delivery.
            start_deliverer: starts a deliverer.
            elsewhere: makes a recorder in a process that this one is handed to; can be pickled.
            strict: raise where an event isn't as declared.
            hooks: also record crashes, and close at exit.
            complain: shows the user a line.
            clock: seconds since the epoch.
        """
        self.status = status
        """What this session's analytics does, and why."""
        self.dropped: dict[str, int] = {}
        """How often what was passed wasn't as declared, by event and property."""
        self._sanitiser = sanitiser
        self._options = options
        self._kept = (log, writer) if log or writer else None
        self._start_deliverer = start_deliverer
        self._elsewhere, self._handover_id = elsewhere, ""
        self._strict = strict
        self._complain = complain
        self._clock = clock
        self._unhook: list[crash.Undo] = []
        if hooks and self._kept is not None:
            self._unhook.append(crash.install(self._crashed))
            atexit.register(self._end)

    def event(
        self, name: str = "", model: object = None, /, *more: object, **properties: object
    ) -> None:
        """Record that something happened.

        Args:
            name: an event of the catalogue; others are dropped.
            model: the event's ``main_model``, a name or a model object.
            more: catches arguments that are too many; they are dropped and counted.
            properties: the event's properties. One that isn't declared, or whose value doesn't
                fit, is dropped or replaced; None counts as not given.

        Raises:
            NotAsDeclared: in strict mode only, for what would be dropped or replaced.
        """
        if self._sanitiser is None or not (self._kept or self._strict):
            return
        try:
            if model is not None:
                properties.setdefault("main_model", model)
            if more:
                properties["(more arguments)"] = more
            if type(name) is str and name == "launched":
                properties.setdefault("options", self._options)
            made = self._sanitiser.sanitise(name, properties, time=self._clock(), uuid=ids.new())
            if made.why_not or made.changed:
                self._not_as_declared(name, made, self._sanitiser.catalogue)
            if made.line is not None:
                self._keep(made.line)
        except NotAsDeclared:
            raise
        except Exception as error:  # whose mistake it ever is, it isn't the user's trouble
            if crash.is_the_programs(error):
                raise

    def feature(
        self, name: str = "", model: object = None, /, *more: object, **properties: object
    ) -> Feature:
        """Record the use of a feature when it ends: a ``with`` block, or a decorated function's.

        Args:
            name: an event that :meth:`Catalogue.declare_features` declared; its ``duration`` and
                ``outcome`` are filled in.
            model: as for :meth:`event`, and so is *more*.
            properties: further properties of the event.
        """

        def record(duration: float, outcome: str) -> None:
            known: dict[str, object] = {"duration": duration, "outcome": outcome}
            self.event(name, model, *more, **{**known, **properties})

        return Feature(record)

    def watch_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        """Record exceptions that *loop* finds nobody to handle, as those of threads are."""
        if self._unhook:
            self._unhook.append(crash.watch_loop(loop, self._crashed))

    def close(self) -> None:
        """End the session: hand its events over and drop all further ones. May be called again."""
        for undo in self._unhook:
            undo()
        self._unhook.clear()
        with suppress(Exception):  # it compares with what others have registered
            atexit.unregister(self._end)
        self._end()

    def __reduce__(self) -> tuple[Callable[..., Analytics], tuple[object, ...]]:
        """Hand it to another process, as multiprocessing does: there it has files of its own."""
        if self._kept is None:
            return Analytics, (self.status,)
        if self._elsewhere is None:
            kind = type(self).__name__
            raise TypeError(f"a {kind} that resolve hasn't made records in its own process alone")
        self._handover_id = self._handover_id or ids.new()
        HANDED_ON[self._handover_id] = self
        return self._elsewhere, (self._handover_id,)

    def __enter__(self) -> Analytics:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None and self._unhook:
            crash.pass_on(self._crashed, error, "main thread")
        self.close()

    def _keep(self, line: bytes) -> None:
        """Write an event's line to the log, and then to the spool: the log is the evidence."""
        kept = self._kept
        if kept is None:
            return  # closed by another thread, just now
        log, writer = kept
        if log is not None:
            try:
                log.write(line)
            except OSError as error:
                if crash.is_the_programs(error):
                    raise
                if self._end():
                    self._complain(
                        f"the analytics log {shown(log.path)} can't be written: {because(error)}; "
                        "nothing more is collected in this session"
                    )
                return
        if writer is not None:
            try:
                enough = writer.append(line)
            except OSError as error:
                if crash.is_the_programs(error):
                    raise
                return  # a full disk, say; later events may fit again
            if enough and self._start_deliverer:
                self._start_deliverer()

    def _end(self) -> bool:
        """Keep nothing more and hand over what was kept; return whether it was for the first time.

        An event that another thread is writing at this moment is still spooled if it was logged.
        """
        kept, self._kept = self._kept, None
        if kept is None:
            return False
        log, writer = kept
        if log is not None:
            log.close()
        # What this was handed to starts no deliverer.
        if (
            writer is not None
            and (writer.hand_over() or self._handover_id)
            and self._start_deliverer
        ):
            self._start_deliverer()
        return True

    def _crashed(self, error: BaseException, where: str) -> None:
        properties: dict[str, object] = {"$exception_list": error, "source": where}
        self.event("$exception", **properties)

    def _not_as_declared(self, name: object, made: Sanitised, catalogue: Catalogue) -> None:
        from cecli.analytics.catalogue import expectation  # only a program's mistake needs it

        expectation.count(self.dropped, name, made)
        if self._strict:
            raise NotAsDeclared(expectation.told(catalogue, name, made))


HANDED_ON: dict[str, Analytics] = {}
"""The recorders of this process that were handed to others, or to this one by another."""
