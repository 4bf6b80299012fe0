"""The spool's writing side: events wait in files that only this process writes.

Owns a segment until it is handed over; what becomes of it then is
:mod:`~cecli.analytics.spool.queue`'s. No locks are shared with other processes, so a home on NFS
works: every process writes segments of its own, and they change hands by rename. Before each write
the writer makes sure that its segment is younger than
:data:`~cecli.analytics.spool.segment.OPEN_SECONDS`.

A writer that was killed leaves an open segment behind. A deliverer takes it when the writer named
in it is known to be dead. Where that can't be known (another machine, another container, a number
given out again), it takes a segment that is
:data:`~cecli.analytics.spool.segment.ABANDONED_SECONDS` old: no living writer still adds to it
then, however long it slept.
"""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from cecli import files
from cecli.analytics.destination import Destination
from cecli.analytics.spool.folder import room, trouble
from cecli.analytics.spool.names import SegmentName
from cecli.analytics.spool.segment import takes_more, write_header

LOOK_SECONDS = 10.0
"""How long a queue that was found full counts as full: a look may take 30 ms."""
_MOST_UNSEEN = 50
"""How many segments a process makes from one look at the folder to the next."""


class _OpenSegment:
    """The file that this process adds events to."""

    def __init__(self, folder: str, created: float, start: bytes) -> None:
        """Make its file, with its first lines.

        Raises:
            OSError: there is no file now.
        """
        name = SegmentName.new(created)
        self._open, self._ready = (os.path.join(folder, file) for file in (name.file, name.ready))
        self._created, self._events = created, 1
        self._descriptor = files.create(self._open, os.O_EXCL | os.O_APPEND)
        try:
            files.write(self._descriptor, start)
        except OSError:
            os.close(self._descriptor)
            os.unlink(self._open)
            raise
        self._file = files.identity(self._descriptor)

    def takes_more(self, now: float) -> bool:
        """Tell whether there is room, it isn't old, and the file is still there and ours."""
        status = files.still(self._descriptor, self._file)
        return (
            status is not None
            and takes_more(status.st_size, self._events, now - self._created)
            and status.st_nlink > 0
        )

    def append(self, line: bytes) -> None:
        files.write(self._descriptor, line)
        self._events += 1

    def hand_over(self) -> None:
        """Close it and let deliverers have it."""
        # Where renaming fails, the file is gone, or was taken as abandoned; if neither, a deliverer
        # takes it once this process has ended. Closed first: Windows renames no open file.
        with suppress(OSError):
            if files.still(self._descriptor, self._file):
                os.close(self._descriptor)
            os.rename(self._open, self._ready)


class Writer:
    """Appends events for one destination; safe to use from any thread, and after a fork.

    Nothing is created before the first :meth:`append`. The folder is made once: when it is gone
    later, the user has refused or emptied the queue, and it isn't made again.
    """

    def __init__(
        self, folder: str, destination: Destination, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._folder, self._clock = folder, clock
        self._header = write_header(destination.target)
        self._made_folder = False
        self._start_anew()

    def _start_anew(self) -> None:
        # In a forked child the parent's segment stays the parent's. Its descriptor isn't closed:
        # a child that has closed them all may have another file under the same number.
        self._pid = os.getpid()
        self._lock = threading.RLock()  # a signal handler may record in the midst of another event
        self._busy = False
        self._handed_over = False
        self._segment: _OpenSegment | None = None
        self._room = 0
        self._full_since = float("-inf")

    def append(self, line: bytes) -> bool:
        """Add a line that ends in a newline, in one write.

        Returns:
            whether this handed over what came before: it was enough, or had waited long enough.

        Raises:
            OSError: the line is not, or not wholly, in the spool.
        """
        if os.getpid() != self._pid:
            self._start_anew()
        with self._lock:
            if self._busy:  # a signal handler records in the midst of another event
                self._hand_over(self._new(line))
                return False
            self._busy = True
            try:
                segment = self._segment
                if segment and segment.takes_more(self._clock()):
                    segment.append(line)
                    return False
                self._finish()
                self._segment = self._new(line)
                return segment is not None
            except OSError:
                self._finish()  # its last line may be half a one
                raise
            finally:
                self._busy = False

    def hand_over(self) -> bool:
        """Let deliverers have what was appended; tell whether there was any since the last time."""
        if os.getpid() != self._pid:
            return False
        with self._lock:
            if not self._busy:
                self._busy = True
                try:
                    self._finish()
                finally:
                    self._busy = False
            handed_over, self._handed_over = self._handed_over, False
            return handed_over

    def _new(self, line: bytes) -> _OpenSegment:
        """Make a segment with its first event."""
        if not self._made_folder:
            os.makedirs(os.path.dirname(self._folder), mode=0o700, exist_ok=True)
            with suppress(FileExistsError):
                os.mkdir(self._folder, 0o700)
            self._made_folder = True
        if why := trouble(self._folder):
            raise PermissionError(errno.EACCES, why, self._folder)
        created = self._clock()
        if not self._has_room(created):
            raise OSError(errno.ENOSPC, "the queue is full", self._folder)
        segment = _OpenSegment(self._folder, created, self._header + line)
        self._room -= 1
        return segment

    def _has_room(self, now: float) -> bool:
        """Tell whether a segment may be made; the folder is looked at only now and then."""
        if self._room < 1 and not 0 <= now - self._full_since < LOOK_SECONDS:
            self._room = min(room(self._folder), _MOST_UNSEEN)
            self._full_since = now if self._room < 1 else float("-inf")
        return self._room >= 1

    def _finish(self) -> None:
        segment, self._segment = self._segment, None
        if segment is not None:
            self._hand_over(segment)

    def _hand_over(self, segment: _OpenSegment) -> None:
        self._handed_over = True
        segment.hand_over()
