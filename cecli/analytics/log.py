"""The analytics log: a file of JSON lines that many processes may share."""

from __future__ import annotations

import os
import stat
import threading
import time
from contextlib import suppress

from cecli import TYPE_CHECKING, files, ownership

if TYPE_CHECKING:
    from typing import Protocol

    class Lines(Protocol):
        """What keeps the line of each event: a log, or what stands in for one in a test."""

        path: str

        def write(self, line: bytes) -> None:
            """Keep a line, or raise OSError."""

        def close(self) -> None:
            """Keep no more."""


_LOOKS, _LOOK_SECONDS = 5, 0.01
"""How often, and how long apart, to look whether a line without an end gets one after all."""


class Log:
    """A log file, open for appending; safe to use from any thread, and after a fork.

    Raises:
        OSError: the file can't be opened, or is neither a regular file nor a device.
        ownership.NotOwn: it must be the user's own, and isn't.
    """

    def __init__(self, path: str, *, must_be_own: bool = False) -> None:
        """Open the file.

        Args:
            path: where it is; a link is followed, for the user has named it.
            must_be_own: take no link, and no file that somebody else owns or can write: a project
                has named it.
        """
        # O_NONBLOCK: a FIFO without a reader must fail.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0)
        flags |= getattr(os, "O_NOFOLLOW", 0) if must_be_own else 0
        self._descriptor = os.open(path, flags, 0o600)
        status = os.fstat(self._descriptor)
        try:
            _refuse_odd(status)
            if must_be_own:
                ownership.judge(path, status)
        except OSError:
            os.close(self._descriptor)
            raise
        self.path = path
        self._file = files.identity(self._descriptor)
        self._open = True
        self._start_anew()
        if stat.S_ISREG(status.st_mode):
            self._end_last_line()

    def _start_anew(self) -> None:
        self._pid = os.getpid()
        # A forked child has a lock of its own: the thread that holds its parent's isn't in it.
        self._lock = threading.RLock()
        self._writing = 0
        """Writes that are under way; over 1 where a signal handler records in the midst of one."""

    def write(self, line: bytes) -> None:
        """Append a line in one system call, so that lines of several processes never mix.

        There is one exception: a process that is killed in the midst of that call may leave the
        start of its line, and another process's line is then appended to it.

        Raises:
            OSError: nothing, or not all of it, could be written; or the log is closed.
        """
        if os.getpid() != self._pid:
            self._start_anew()
        with self._lock:
            self._writing += 1
            try:
                status = files.still(self._descriptor, self._file) if self._open else None
                if status is None:
                    raise OSError("its descriptor was closed")
                if status.st_nlink == 0:
                    raise OSError("it was deleted")
                written = os.write(self._descriptor, line)
                if written < len(line):
                    os.write(self._descriptor, b"\n")  # so that the next line stands on its own
                    raise OSError("the line was cut short")
            finally:
                self._writing -= 1
                if not self._open:
                    self._close()

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        if os.getpid() != self._pid:
            self._start_anew()
        with self._lock:
            if self._open:
                self._open = False
                self._close()

    def _close(self) -> None:
        # Not in the midst of a write: the next file that the program opens has the same number.
        if not self._writing and files.still(self._descriptor, self._file):
            with suppress(OSError):
                os.close(self._descriptor)

    def _end_last_line(self) -> None:
        """End the file's last line, if a full disk or a kill has cut it short.

        A line that another process is writing at this moment looks the same, so look again.
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


def _refuse_odd(status: os.stat_result) -> None:
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISCHR(status.st_mode)):
        raise OSError("it is neither a regular file nor a device")
