"""Files opened, replaced and told apart with care for what others may have put in their place.

Nothing here follows a link, waits for a FIFO or hands a descriptor on to a child, unless it says
so.
"""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from contextlib import suppress

from cecli import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_SAFE = 0
for _flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY", "O_NOINHERIT"):
    _SAFE |= getattr(os, _flag, 0)
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)

TEMPORARY = r"\.[0-9a-f]{8}\.tmp"
"""Pattern of what :func:`replace` adds to a name, for a file that only a kill leaves behind."""

Identity = tuple[int, int]
"""Device and inode of an open file."""


class Unreadable(OSError):
    """What a file holds isn't what it should hold; the message is the end of a sentence."""


def is_folder(path: str) -> bool:
    """Tell whether *path* is a folder; a link in its place is none, wherever it leads."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def size(path: str) -> int:
    """Return the size of a file in bytes, of a link its own; 0 if there is none."""
    try:
        return os.lstat(path).st_size
    except OSError:
        return 0


def create(path: str, flags: int = os.O_EXCL) -> int:
    """Open a file to write to, for its owner only, and with O_EXCL a new one.

    Raises:
        OSError: as :func:`os.open`.
    """
    return os.open(path, os.O_WRONLY | os.O_CREAT | flags | _SAFE, 0o600)


def open_to_append(path: str) -> int:
    """Open a file that is there, to write at its end.

    Raises:
        OSError: as :func:`os.open`.
    """
    return os.open(path, os.O_WRONLY | os.O_APPEND | _SAFE)


def read(
    path: str,
    most: int,
    *,
    follow: bool = False,
    judge: Callable[[os.stat_result], None] = lambda status: None,
) -> bytes:
    """Return the first *most* bytes of a regular file; *follow* a link to it if told so.

    Raises:
        OSError: it can't be read, or is no regular file; or *judge*, who sees its status, raises.
    """
    descriptor = os.open(path, os.O_RDONLY | (_SAFE & ~_NOFOLLOW if follow else _SAFE))
    try:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise OSError("is a folder")
        if not stat.S_ISREG(status.st_mode):
            raise OSError("is no regular file")
        judge(status)
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(most)
    finally:
        os.close(descriptor)


def parse_object(raw: bytes) -> dict[str, object]:
    """Return the JSON object that *raw* is, in UTF-8.

    Neither NaN nor Infinity is JSON (RFC 8259, 6); an object with a name twice says two things.

    >>> parse_object(b'{"a": {"b": 1}}')
    {'a': {'b': 1}}

    Raises:
        Unreadable: it is anything else.
    """
    try:
        found = _DECODER.decode(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Unreadable("is not JSON") from None
    if not isinstance(found, dict):
        raise Unreadable("holds no JSON object")
    return found


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Unreadable("holds a name twice")
    return found


def refuse_constant(name: str) -> object:
    """Refuse NaN and Infinity, which Python takes for numbers of JSON."""
    raise Unreadable(f"holds {name}, which is no number")


_DECODER = json.JSONDecoder(object_pairs_hook=_each_once, parse_constant=refuse_constant)


def replace(path: str, data: bytes, *, sync: bool = False) -> None:
    """Put *data* in a file's place, wholly or not at all; with *sync* it survives a power cut.

    Raises:
        OSError: that failed; the old file, if there was one, is still there.
    """
    temporary = f"{path}.{os.urandom(4).hex()}.tmp"
    descriptor = create(temporary)
    try:
        try:
            write(descriptor, data)
            if sync:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise


def overwrite(path: str, data: bytes) -> bool:
    """Write *data* into a file where no new one can take its place; tell whether it worked.

    Whoever reads it meanwhile may find a part.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_TRUNC | _SAFE)
    except OSError:
        return False
    try:
        write(descriptor, data)
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)


def sweep(path: str) -> list[str]:
    """Delete what a killed :func:`replace` of *path* has left; return what can't be deleted."""
    folder, name = os.path.split(path)
    pattern = re.compile(re.escape(name) + TEMPORARY)
    with suppress(OSError):
        for file in [each for each in os.listdir(folder) if pattern.fullmatch(each)]:
            with suppress(OSError):
                os.unlink(os.path.join(folder, file))
        left = [
            os.path.join(folder, each) for each in os.listdir(folder) if pattern.fullmatch(each)
        ]
        return [file for file in left if not is_folder(file)]  # a folder isn't ours
    return []


def write(descriptor: int, data: bytes) -> None:
    """Write all of *data*; a full disk may take a part, and says so when asked for the rest.

    Raises:
        OSError: not all of it was written.
    """
    while data:
        data = data[os.write(descriptor, data) :]


def identity(descriptor: int) -> Identity:
    """Return what tells an open file from others."""
    status = os.fstat(descriptor)
    return status.st_dev, status.st_ino


def still(descriptor: int, file: Identity) -> os.stat_result | None:
    """Return the status of *descriptor* if it is still that *file*.

    A program that turns into a daemon closes all descriptors; the next file that it opens gets the
    same number, and must neither be written to nor closed.
    """
    try:
        status = os.fstat(descriptor)
    except OSError as error:
        if error.errno != errno.EBADF:  # perhaps a signal handler's time-out
            raise
        return None
    return status if (status.st_dev, status.st_ino) == file else None
