"""The recorder: what a host calls, and what never gets in its way."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from types import TracebackType

from cecli.analytics import ids
from cecli.analytics.log import Log
from cecli.analytics.messages import because
from cecli.analytics.model import Envelope, Status


class Analytics:
    """Records events for one session; made by :func:`~cecli.analytics.resolve`.

    Neither :meth:`event` nor :meth:`close` raises, whatever is passed or goes wrong.
    """

    def __init__(
        self,
        status: Status,
        *,
        user_id: str,
        log: Log | None = None,
        complain: Callable[[str], None] = lambda text: print(text, file=sys.stderr),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.status = status
        self._user_id = user_id
        self._log = log
        self._complain = complain
        self._clock = clock

    def event(self, name: str, /, **properties: object) -> None:
        """Record that something happened.

        Args:
            name: a declared event.
            properties: declared properties of it.
        """
        if self._log is None:
            return
        try:
            moment, uuid = round(self._clock(), 3), ids.new()
            data = (name, properties, self._user_id, moment, uuid)
            line = json.dumps(dict(zip(Envelope._fields, data, strict=False))).encode() + b"\n"
            self._log.write(Envelope(*data, line).line)
        except OSError as error:
            self._complain(
                f"the analytics log {self._log.path!r} can't be written: {because(error)}"
            )
            self._log = None
        except Exception:  # noqa: BLE001
            return

    def close(self) -> None:
        """End the session; further events are dropped. May be called again."""
        log, self._log = self._log, None
        if log is not None:
            log.close()

    def __enter__(self) -> Analytics:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
