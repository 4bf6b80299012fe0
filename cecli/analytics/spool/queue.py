"""The spool's reading side: segments are found, claimed, read, capped and removed.

For the process that holds the deliverer's token; others only look, or empty it after a refusal.
What a segment says is :mod:`~cecli.analytics.spool.segment`'s. Nothing but files with our names
in a real folder is touched.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress

from cecli import files, ownership
from cecli.analytics import process
from cecli.analytics.delivery import state, token
from cecli.analytics.destination import Destination
from cecli.analytics.spool import segment
from cecli.analytics.spool import writer as spool
from cecli.analytics.spool.segment import Envelope, Segment, SegmentName
from cecli.messages import because

OLDEST_SECONDS = 30 * 24 * 3600.0
"""Age from which events are dropped unsent."""
SET_ASIDE = "set-aside.jsonl"
_LARGEST_SET_ASIDE = 1_000_000
_LARGEST_HEADER = 16 * 1024
_LARGEST_READ = 8 * spool.SEGMENT_BYTES  # no writer makes one as large; memory stays bounded
_TRY = os.name == "nt"
_ROUNDS = 4
"""How often to look whether a folder is empty: a session may give a segment another name."""
_OTHERS = "|".join(re.escape(name) for name in (state.FILE, token.FILE, SET_ASIDE))
_NOT_SEGMENTS = re.compile(rf"(?:{_OTHERS})(?:\.[0-9a-f]+\.tmp)?")


def segments(folder: str) -> list[SegmentName]:
    """Return all segments, oldest first; none if the folder isn't one or can't be read."""
    return [name for file in _files(folder) if (name := SegmentName.parse(file))]


def ready(folder: str) -> list[SegmentName]:
    """Return the segments that may be claimed, oldest first."""
    return [name for name in segments(folder) if name.state == "ready"]


def adopt(folder: str, now: float) -> None:
    """Make ready what dead writers left open and dead deliverers left claimed.

    Only for the holder of the token: the others' claims are void then, if their process is not
    known to live.
    """
    for name in segments(folder):
        if name.state == "ready":
            continue
        lives = process.lives(name.owner)
        old = now - name.created > spool.ABANDONED_SECONDS
        # Where an open file can't be renamed, trying tells whether it is in use.
        if lives is False or old or (lives is None and (name.state == "claimed" or _TRY)):
            _rename(folder, name, "ready")
    for file in _files(folder):
        if file.endswith(".tmp") and _NOT_SEGMENTS.fullmatch(file):
            _unlink(folder, file)


def claim(folder: str, name: SegmentName) -> SegmentName | None:
    """Make a ready segment this process's; None if it is gone."""
    return _rename(folder, name, f"{process.identity()}.claimed")


def release(folder: str, name: SegmentName) -> None:
    """Give a claimed segment back."""
    _rename(folder, name, "ready")


def destination(folder: str, name: SegmentName) -> tuple[str, Destination] | None:
    """Return what the consent record calls a segment's destination, and that; None if damaged.

    Raises:
        OSError: it can't be read, or isn't the user's own.
    """
    raw = ownership.read(os.path.join(folder, name.file), _LARGEST_HEADER)
    return segment.read_header(raw.partition(b"\n")[0])


def read(folder: str, name: SegmentName) -> Segment:
    """Read a claimed segment's events; damaged lines are counted and passed over.

    Raises:
        OSError: it can't be read, or isn't the user's own.
    """
    return segment.read(name, ownership.read(os.path.join(folder, name.file), _LARGEST_READ))


def prune(
    folder: str,
    now: float,
    *,
    most_segments: int = spool.MOST_SEGMENTS,
    most_bytes: int = spool.MOST_BYTES,
) -> int:
    """Delete what is over the caps, oldest first; return how many events that were."""
    _prune_set_aside(folder, now)
    names = segments(folder)
    sizes = {name.file: size(folder, name) for name in names}
    count, total, dropped = len(names), sum(sizes.values()), 0
    for name in names:
        excess = count > most_segments or total > most_bytes
        if not excess and now - name.created <= OLDEST_SECONDS:
            break
        if name.state == "open" and now - name.created <= spool.ABANDONED_SECONDS:
            continue
        dropped += lines(folder, name)
        remove(folder, name)
        count, total = count - 1, total - sizes[name.file]
    return dropped


def _prune_set_aside(folder: str, now: float) -> None:
    path = os.path.join(folder, SET_ASIDE)
    with suppress(OSError):
        lines = files.read(path, 2 * _LARGEST_SET_ASIDE).splitlines(keepends=True)
        events = [event for line in lines if (event := segment.read_event(line.rstrip(b"\n")))]
        kept = [event.line for event in events if now - event.time <= OLDEST_SECONDS]
        if not kept:
            _unlink(folder, SET_ASIDE)
        elif len(kept) < len(lines):
            files.replace(path, b"".join(kept))


def lines(folder: str, name: SegmentName) -> int:
    """Count a segment's events, whole or not; 0 if it can't be read."""
    try:
        raw = files.read(os.path.join(folder, name.file), _LARGEST_READ)
    except OSError:
        return 0
    return segment.count(raw)


def size(folder: str, name: SegmentName) -> int:
    """Return a segment's bytes; 0 if it is gone."""
    return files.size(os.path.join(folder, name.file))


def remove(folder: str, name: SegmentName) -> None:
    """Delete a segment."""
    _unlink(folder, name.file)


def set_aside(folder: str, events: list[Envelope]) -> None:
    """Write down events that the server refuses one by one, for people to look at."""
    with suppress(OSError):  # they are counted all the same
        descriptor = files.create(os.path.join(folder, SET_ASIDE), os.O_APPEND)
        try:
            if os.fstat(descriptor).st_size < _LARGEST_SET_ASIDE:
                os.write(descriptor, b"".join(event.line for event in events))
        finally:
            os.close(descriptor)


def empty(folder: str) -> str | None:
    """Remove everything of ours in the folder, and the folder if nothing else is in it.

    Returns:
        None, or why something of ours is still there, as the end of a sentence.
    """
    if not files.is_folder(folder):
        return None  # rmdir would follow a link to a folder, on some systems
    why = None
    for _ in range(_ROUNDS):
        try:
            ours = [file for file in os.listdir(folder) if _is_ours(file)]
        except FileNotFoundError:
            return None
        except OSError as error:
            return because(error)
        if not ours:
            with suppress(OSError):  # somebody else's file is in it
                os.rmdir(folder)
            return None
        why = "a running session writes more"
        for file in ours:
            try:
                os.unlink(os.path.join(folder, file))
            except FileNotFoundError:
                continue  # it has another name by now
            except OSError as error:
                why = because(error)
    return why


def _is_ours(file: str) -> bool:
    return SegmentName.parse(file) is not None or _NOT_SEGMENTS.fullmatch(file) is not None


def _files(folder: str) -> list[str]:
    if not files.is_folder(folder):
        return []
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _rename(folder: str, name: SegmentName, suffix: str) -> SegmentName | None:
    file = f"{name.base}.{suffix}"
    try:
        os.rename(os.path.join(folder, name.file), os.path.join(folder, file))
    except OSError:
        return None
    return SegmentName.parse(file)


def _unlink(folder: str, file: str) -> None:
    with suppress(OSError):  # gone already, or not ours to remove
        os.unlink(os.path.join(folder, file))
