"""The consent record, ``~/.cecli/analytics.json``: read, and changed without losing a refusal.

Owns the file and its lock. Whether to ask is :mod:`~cecli.analytics.consent.decision`'s, how to ask
:mod:`~cecli.analytics.consent.question`'s.
"""

import errno
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import NamedTuple

from cecli import files, ownership
from cecli.analytics import ids
from cecli.analytics.paths import Paths
from cecli.analytics.program import DEFAULT_HOST
from cecli.messages import because

_LARGEST_RECORD = 64 * 1024
_LOCK_PATIENCE = 2.0
_LONGEST_SHOWN = 60


class _Unreadable(Exception):
    """The file holds no record; the message is the end of a sentence about it."""


class CantStore(Exception):
    """The record couldn't be written; the message says why, in words for the user."""


class ConsentRecord(NamedTuple):
    """What the user has answered so far.

    Its file is one JSON object with these names as keys, except *problem*.
    """

    uuid: str | None = None
    """The anonymous id; None before the first run and after a permanent disable."""
    asked_opt_in: bool = False
    """Whether the question was ever answered; a no to a project's destination doesn't count."""
    permanently_disable: bool = False
    destinations: Mapping[str, bool] = {}
    """The answer for each destination that was asked about, by :attr:`Destination.id`."""
    problem: str | None = None
    """Why the file can't be read as a record, or may say what somebody else wrote, and what mends
    that, as the end of a sentence; None for a good record, or none."""

    def agreed(self, destination: str) -> bool | None:
        """Return the answer for a destination's id; None if it was never asked about."""
        if self.permanently_disable or self.problem:
            return False
        return self.destinations.get(destination)


_KEYS = frozenset(ConsentRecord._fields) - {"problem"}


def load(paths: Paths) -> ConsentRecord:
    """Read the record; no file is a new record, one that is in doubt has a *problem*.

    Root's is in doubt, too: it wasn't this user who answered. A home may be root's.
    """
    try:
        ownership.require(paths.home, system=True)  # who can write there can put a record there
        ownership.require(paths.folder)
        return _parse(ownership.read(paths.consent, _LARGEST_RECORD + 1, follow=True))
    except ownership.NotOwn as error:
        why = error.about(paths.consent, paths.home)
        mend = f"; if it is yours all the same: {error.mend}; else delete it" if error.mend else ""
        return ConsentRecord(problem=why + mend)
    except (FileNotFoundError, NotADirectoryError) as error:
        if not os.path.islink(paths.consent):
            return ConsentRecord()
        why = because(error)
    except OSError as error:
        why = because(error)
    except _Unreadable as error:
        why = str(error)
    return ConsentRecord(problem=f"{why}; delete it to be asked again")


def update(paths: Paths, change: Callable[[ConsentRecord], ConsentRecord]) -> ConsentRecord:
    """Apply *change* to the record as it stands now and return what stands afterwards.

    Processes take turns, and a permanent disable or an unreadable file is never changed, so a
    refusal can't be undone by a process that had read the record before it.

    Raises:
        CantStore: the folder or the file can't be written, or another process holds the lock.
    """
    with _locked(paths):
        current = load(paths)
        if current.permanently_disable or current.problem:
            return current
        changed = change(current)
        if changed != current:
            _write(paths, current, changed)
        return changed


def disable(paths: Paths) -> bool:
    """Refuse for good: forget the id and every answer; return whether that is new.

    A record that can't be read is replaced: the user has just said what it is to hold.

    Raises:
        CantStore: as :func:`update`.
    """
    with _locked(paths):
        current = load(paths)
        if current.permanently_disable:
            return False
        disabled = ConsentRecord(asked_opt_in=current.asked_opt_in, permanently_disable=True)
        _write(paths, current, disabled)
        return True


def with_id(record: ConsentRecord) -> ConsentRecord:
    """Return *record* with an id, a new one if it has none."""
    return record if record.uuid else record._replace(uuid=ids.new())


def with_answer(
    record: ConsentRecord, destination: str, agreed: bool, *, named_by_project: bool = False
) -> ConsentRecord:
    """Return *record* after an answer to the question for a destination's id.

    A first "no" disables for good; a later one, from a user who agreed to another destination,
    refuses this destination alone. So does one to a destination that was *named_by_project*: it
    says nothing of any other, and the user counts as never asked. A refusal that another process
    stored meanwhile stands.
    """
    if not (agreed or named_by_project or any(record.destinations.values())):
        return ConsentRecord(asked_opt_in=True, permanently_disable=True)
    agreed = agreed and record.destinations.get(destination) is not False
    asked = record.asked_opt_in or agreed or not named_by_project
    answers = {**record.destinations, destination: agreed}
    return with_id(record)._replace(asked_opt_in=asked, destinations=answers)


def _parse(raw: bytes) -> ConsentRecord:
    if len(raw) > _LARGEST_RECORD:
        raise _Unreadable("is too large for a consent record")
    try:
        # One encoding, so that everybody who looks into it reads the same.
        data = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_each_once)
    except (ValueError, RecursionError):
        raise _Unreadable("is not JSON") from None
    if not isinstance(data, dict):
        raise _Unreadable("holds no JSON object")
    if unknown := [key for key in data if key not in _KEYS]:
        # Be it a misspelt refusal, or one that a later version knows.
        raise _Unreadable(f"holds {_shown(unknown[0])}, which no record has")
    uuid, asked, disabled = (
        data.get(key) for key in ("uuid", "asked_opt_in", "permanently_disable")
    )
    if not (uuid is None or ids.is_uuid4(uuid)):
        raise _Unreadable("holds a uuid that is no UUID4")
    if not (isinstance(asked, bool) and isinstance(disabled, bool)):
        raise _Unreadable("lacks true or false for asked_opt_in or permanently_disable")
    # Before other destinations could be agreed to there was only the default one.
    answers = data.get("destinations", {DEFAULT_HOST: True} if asked and not disabled else {})
    if not (isinstance(answers, dict) and all(isinstance(yes, bool) for yes in answers.values())):
        raise _Unreadable("holds destinations that are not true or false")
    if any(answers.values()) and not (asked and uuid):
        raise _Unreadable("holds an agreement without an id or an answer")
    return ConsentRecord(uuid, asked, disabled, answers)


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Make an object of its pairs; two whose keys read alike would contradict each other."""
    seen: set[str] = set()
    for key, _ in pairs:
        if (name := key.casefold()) in seen:
            raise _Unreadable(f"holds {_shown(key)} twice")
        seen.add(name)
    return dict(pairs)


def _shown(key: str) -> str:
    return ascii(key[:_LONGEST_SHOWN])


def _write(paths: Paths, current: ConsentRecord, record: ConsentRecord) -> None:
    data = {key: value for key, value in record._asdict().items() if key in _KEYS}
    # A link of the user's own stays, and what it leads to keeps no id.
    path = paths.consent if current.problem else os.path.realpath(paths.consent)
    try:
        files.replace(path, json.dumps(data, indent=2).encode() + b"\n", sync=True)
    except OSError as error:
        raise CantStore(f"{paths.consent!r} can't be written: {because(error)}") from error


@contextmanager
def _locked(paths: Paths) -> Iterator[None]:
    """Hold the record's lock; the system lets go of it when the process dies."""
    try:
        with suppress(FileExistsError):
            os.mkdir(paths.folder, 0o700)  # a home isn't ours to make
        descriptor = files.create(paths.lock, 0)
    except OSError as error:
        where = paths.lock if os.path.lexists(paths.lock) else paths.folder
        raise CantStore(f"{where!r} can't be written: {because(error)}") from error
    try:
        give_up = time.monotonic() + _LOCK_PATIENCE
        while not _try_lock(descriptor):
            if time.monotonic() > give_up:
                raise CantStore(f"{paths.lock!r} is held by another process")
            time.sleep(0.005)
        files.sweep(paths.consent)  # nobody else writes one now: a kill has left it, with an id
        yield
    except OSError as error:
        raise CantStore(f"{paths.lock!r} can't be locked: {because(error)}") from error
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
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
