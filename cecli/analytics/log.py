"""The analytics log: a file of JSON lines that many processes may share."""

from __future__ import annotations

import os
import stat


class Log:
    """A log file, open for appending.

    Raises:
        OSError: the file can't be opened, or is neither a regular file nor a device.
    """

    def __init__(self, path: str) -> None:
        # O_NONBLOCK: a FIFO without a reader must fail, not hang.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0)
        self._descriptor = os.open(path, flags, 0o600)
        mode = os.fstat(self._descriptor).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISCHR(mode)):
            os.close(self._descriptor)
            raise OSError("it is neither a regular file nor a device")
        self.path = path

    def write(self, line: bytes) -> None:
        """Append a line in one system call, so that lines of several processes never mix.

        Raises:
            OSError: nothing, or not all of it, could be written.
        """
        written = os.write(self._descriptor, line)
        if written < len(line):
            os.write(self._descriptor, b"\n")  # so that the next line stands on its own
            raise OSError("the line was cut short")

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)
