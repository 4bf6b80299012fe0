"""The analytics log: a file of JSON lines that many processes may share."""

from __future__ import annotations

import os
import stat
import time
from _thread import RLock  # as in spool
from contextlib import suppress

from cecli import files

_LOOKS, _LOOK_SECONDS = 5, 0.01
"""How often, and how long apart, to look whether a line without an end gets one after all."""


class Log:
    """A log file, open for appending; safe to use from any thread, and after a fork.

    Raises:
        OSError: the file can't be opened, or is neither a regular file nor a device.
    """

    def __init__(self, path: str) -> None:
        # A link is followed: the user named it. O_NONBLOCK: a FIFO without a reader must fail.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0)
        self._descriptor = os.open(path, flags, 0o600)
        mode = os.fstat(self._descriptor).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISCHR(mode)):
            os.close(self._descriptor)
            raise OSError("it is neither a regular file nor a device")
        self.path = path
        self._file: files.Identity | None = files.identity(self._descriptor)
        self._lock = RLock()
        if stat.S_ISREG(mode):
            self._end_last_line()

    def write(self, line: bytes) -> None:
        """Append a line in one system call, so that lines of several processes never mix.

        Raises:
            OSError: nothing, or not all of it, could be written; or the log is closed.
        """
        with self._lock:
            status = files.still(self._descriptor, self._file) if self._file else None
            if status is None:
                self._file = None
                raise OSError("its descriptor was closed")
            if status.st_nlink == 0:
                raise OSError("it was deleted")
            written = os.write(self._descriptor, line)
            if written < len(line):
                os.write(self._descriptor, b"\n")  # so that the next line stands on its own
                raise OSError("the line was cut short")

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        with self._lock:
            file, self._file = self._file, None
            if file is not None and files.still(self._descriptor, file):
                with suppress(OSError):
                    os.close(self._descriptor)

    def _end_last_line(self) -> None:
        """Add the newline that a full disk or a kill has cost the last line of the file.

        A line that another process is just writing looks the same for a moment, so look again.
        """
        with suppress(OSError), open(self.path, "rb", buffering=0) as file:
            for _ in range(_LOOKS):
                if not file.seek(0, os.SEEK_END):
                    return
                file.seek(-1, os.SEEK_END)
                if file.read(1) == b"\n":
                    return
                time.sleep(_LOOK_SECONDS)
            os.write(self._descriptor, b"\n")
