"""The lock under which processes take turns to change the consent record.

Owns how it is taken, and how long a process waits for it.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from cecli import files
from cecli.messages import because

_PATIENCE = 2.0


class CantLock(Exception):
    """The lock can't be had; the message says why, as the end of a sentence about :attr:`path`."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(why)
        self.path = path


@contextmanager
def held(path: str) -> Iterator[None]:
    """Hold the lock whose file is *path*; the system lets go of it when the process dies.

    Raises:
        CantLock: another process has held it for long, or there can be no such file.
    """
    try:
        descriptor = files.create(path, 0)
    except OSError as error:
        where = path if os.path.lexists(path) else os.path.dirname(path)
        raise CantLock(where, f"can't be written: {because(error)}") from error
    try:
        _wait_for(descriptor, path)
        yield
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, path: str) -> None:
    give_up = time.monotonic() + _PATIENCE
    try:
        while not _try(descriptor):
            if time.monotonic() > give_up:
                raise CantLock(path, "is held by another process")
            time.sleep(0.005)
    except OSError as error:
        raise CantLock(path, f"can't be locked: {because(error)}") from error


def _try(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK):
            return False
        raise
    return True
