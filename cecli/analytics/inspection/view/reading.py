"""The lines of a log or of a file of the queue, read as events; what is none is counted.

A line is what :mod:`~cecli.analytics.log` writes, or what aider's own log has: without a uuid, and
with the time in whole seconds (``aider.analytics.Analytics.event``). No more than a line of the
longest that counts is ever held. Of a file that grows meanwhile, what it held at the start is read.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from operator import itemgetter
from typing import IO, Any

from cecli.analytics.inspection.user import Problem, opened
from cecli.analytics.spool import segment
from cecli.files import refuse_constant
from cecli.messages import because, quoted

LONGEST_LINE = 64 * 1024
"""Bytes; four times as many as an event of ours can have."""
POLL_SECONDS = 0.2
PROGRESS_LINES = 20_000
"""After so many lines a reader is told how far it is."""

Properties = dict[str, Any]
Recorded = tuple[str, Properties, str, float, str]
"""An event as the log has it: its name, properties, user id, time, and uuid, empty if it has none.

Not a named tuple: a million of them would take as long to make as a third of their lines to parse.
"""

_whole = itemgetter("event", "properties", "user_id", "time", "uuid")
# raw_decode is told where to begin, and so is the fastest way in: a regular expression less.
_decode = json.JSONDecoder(parse_constant=refuse_constant).raw_decode


class LogFile:
    """A file of events, or standard input for ``-``; its counts are of what was read so far."""

    def __init__(self, name: str, *, may_go: bool = False) -> None:
        self.name = name
        self.may_go = may_go
        """Whether it is a file of the queue, which a delivery may take away meanwhile."""
        self.lines = 0
        self.broken = 0
        """How many lines are no events."""
        self.first_broken = 0
        """The number of the first of them, from 1."""
        self.unfinished = False
        """Whether the last line has no end, and is no event: it may still be being written."""
        self.others = 0
        """How many lines say nothing, or name a destination."""
        self.destination: str | None = None
        """Where a file of the queue would be sent."""

    @property
    def title(self) -> str:
        """What messages call it."""
        return "standard input" if self.name == "-" else quoted(self.name)

    @property
    def events(self) -> int:
        """How many events were read."""
        return self.lines - self.broken - self.unfinished - self.others

    def read(
        self, *, follow: bool = False, tell: Callable[[int, int], None] = lambda done, size: None
    ) -> Iterator[Recorded]:
        """Yield the events; with *follow* those too that come later, without an end.

        *tell* is called now and then with the bytes that were read and those that there are, 0 if
        that isn't known.

        Raises:
            Problem: it can't be opened, or can't be read on.
        """
        if self.may_go and not os.path.lexists(self.name):
            return
        file, size = self._open()
        with file:
            try:
                while True:
                    yield from self._events(file, size, tell)
                    if not follow or not file.seekable():
                        return
                    self._wait(file)
            except OSError as error:
                raise Problem(f"{self.title} can't be read: {because(error)}") from error

    def _open(self) -> tuple[IO[bytes], int]:
        if self.name == "-":
            if sys.stdin is None:
                raise Problem("standard input is closed", 2)
            return open(sys.stdin.fileno(), "rb", closefd=False), 0
        file = opened(self.name, "rb")
        status = os.fstat(file.fileno())
        return file, status.st_size if stat.S_ISREG(status.st_mode) else 0

    def _events(
        self, file: IO[bytes], size: int, tell: Callable[[int, int], None]
    ) -> Iterator[Recorded]:
        """Yield the events up to the end, or what was the end when the file was opened."""
        lines = iter(partial(file.readline, LONGEST_LINE), b"")
        done, before = 0, -1
        while before < self.lines and not (size and done >= size):
            before = self.lines
            for line in islice(lines, PROGRESS_LINES):
                self.lines += 1
                try:
                    text = line.decode()
                    fields, end = _decode(text)
                    event = _whole(fields) if len(fields) == 5 else _older(fields)
                    name, properties, user_id, moment, uuid = event
                    if (
                        type(name) is str
                        and type(properties) is dict
                        and type(user_id) is type(uuid) is str
                        and (type(moment) is float or type(moment) is int)
                        and 0 <= moment < segment.LATEST
                        and (text[end:] == "\n" or not text[end:].strip())
                    ):
                        yield event
                        continue
                except (ValueError, LookupError, TypeError, RecursionError, OSError):
                    pass
                self._no_event(line, file)
            if size:
                done = file.tell()
            tell(done, size)

    def _no_event(self, line: bytes, file: IO[bytes]) -> None:
        whole = line.endswith(b"\n")
        if not whole and len(line) >= LONGEST_LINE:
            _pass_over(file)
            whole = True
        if self.lines == 1 and (found := segment.read_header(line)):
            self.destination = found.target.id
            self.others += 1
        elif not whole:
            self.unfinished = True
        elif line.strip():
            self.broken += 1
            self.first_broken = self.first_broken or self.lines
        else:
            self.others += 1

    def _wait(self, file: IO[bytes]) -> None:
        """Wait for more; half a line is read again, a log that was cut off from its beginning."""
        if self.unfinished:
            file.seek(self._end_of_lines(file))
            self.unfinished = False
            self.lines -= 1
        time.sleep(POLL_SECONDS)
        if os.fstat(file.fileno()).st_size < file.tell():
            file.seek(0)

    @staticmethod
    def _end_of_lines(file: IO[bytes]) -> int:
        """Return where the last line that has an end, has it."""
        end = file.tell()
        start = max(0, end - LONGEST_LINE)
        file.seek(start)
        return start + file.read(end - start).rfind(b"\n") + 1


def _pass_over(file: IO[bytes]) -> None:
    """Read on to the end of a line that is too long."""
    while (part := file.readline(LONGEST_LINE)) and not part.endswith(b"\n"):
        pass


def _older(fields: Properties) -> Recorded:
    """Return an event as aider's own log has it: without a uuid."""
    if len(fields) != 4:
        raise ValueError("isn't an event")
    return fields["event"], fields["properties"], fields["user_id"], fields["time"], ""
