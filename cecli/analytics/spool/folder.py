"""The spool folder as a whole: whether it can be used, how much it takes, how files are renamed."""

from __future__ import annotations

import os
import stat

from cecli import files, ownership
from cecli.analytics.spool import names
from cecli.analytics.spool.segment import MOST_BYTES, MOST_SEGMENTS, SEGMENT_BYTES
from cecli.messages import because, shell_word


def trouble(folder: str) -> str | None:
    """Return why no event can wait in *folder*, as the end of a sentence; None if it can.

    A folder that isn't there is no trouble: it is made with the first event.
    """
    try:
        status = os.lstat(folder)
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"can't be read: {because(error)}"
    if not stat.S_ISDIR(status.st_mode):
        return "is no folder; delete it"
    if not ownership.is_mine(status):
        return f"belongs to another user; delete it: sudo rm -r {shell_word(folder)}"
    try:
        ownership.require(folder)
    except OSError:
        return f"can be written by others; mend it: chmod 700 {shell_word(folder)}"
    if os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return None
    return f"can't be written; mend it: chmod 700 {shell_word(folder)}"


def rename(folder: str, file: str, new: str) -> bool:
    """Give a file in *folder* another name; False if it isn't there, or can't have it."""
    try:
        os.rename(os.path.join(folder, file), os.path.join(folder, new))
    except OSError:
        return False
    return True


def room(folder: str) -> int:
    """Return how many more segments writers may put there: they stop at twice what may wait."""
    segments = [name for name in os.listdir(folder) if name.endswith(names.ENDINGS)]
    count = len(segments)
    if count < MOST_BYTES // SEGMENT_BYTES:
        return 2 * MOST_SEGMENTS - count  # none is twice as large as a segment may be
    some = segments[:: count // 100 + 1]
    size = _size(folder, some) * count // len(some)
    if size > MOST_BYTES:  # only then is it worth a look at each
        size = _size(folder, segments)
    return min(2 * MOST_SEGMENTS - count, (2 * MOST_BYTES - size) // SEGMENT_BYTES + 1)


def _size(folder: str, segments: list[str]) -> int:
    return sum(files.size(os.path.join(folder, name)) for name in segments)
