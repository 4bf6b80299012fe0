"""The file of the consent record, ``~/.cecli/analytics.json``: read and changed, no refusal lost.

What it says is :mod:`~cecli.analytics.consent.record`'s, its lock
:mod:`~cecli.analytics.consent.lock`'s.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from cecli import files, ownership
from cecli.analytics.consent import lock
from cecli.analytics.consent.record import ConsentRecord, content, parse
from cecli.analytics.paths import Paths
from cecli.messages import because, shown

_LARGEST = 64 * 1024


class CantStore(Exception):
    """The record couldn't be written; the message says why, in words for the user."""


class ConsentFile:
    """The file of a user's consent record; nothing is read or made before it is asked for."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths

    def load(self) -> ConsentRecord:
        """Read the record; no file is a new record, one that is in doubt has a *problem*.

        A file that root owns is in doubt: root may have answered, not this user. The home itself
        may belong to root.
        """
        paths = self._paths
        try:
            ownership.require(paths.home, system=True)  # who can write there can put a record there
            ownership.require(paths.folder)
            return parse(ownership.read_object(paths.consent, _LARGEST, follow=True))
        except ownership.NotOwn as error:
            why = error.about(paths.consent, paths.home)
            mend = f"if it is yours all the same: {error.mend}; else delete it"
            return ConsentRecord(problem=f"{why}; {mend}" if error.mend else why)
        except OSError as error:
            missing = isinstance(error, FileNotFoundError | NotADirectoryError)
            if missing and not os.path.islink(paths.consent):
                return ConsentRecord()
            why = because(error)
            if isinstance(error, files.Unreadable):
                return ConsentRecord(problem=f"{why}; delete it to be asked again")
            return ConsentRecord(problem=f"can't be read: {why}")

    def update(self, change: Callable[[ConsentRecord], ConsentRecord]) -> ConsentRecord:
        """Apply *change* to the record as it stands now and return what stands afterwards.

        Processes take turns, and a permanent disable or an unreadable file is never changed, so a
        refusal can't be undone by a process that had read the record before it. A change that
        refuses for good is stored even if its turn doesn't come.

        Raises:
            CantStore: the folder or the file can't be written, or another process holds the lock.
        """
        try:
            return self._change(change)
        except CantStore:
            if not change(self.load()).permanently_disable:
                raise
            self._refuse()
            return self.load()

    def _change(self, change: Callable[[ConsentRecord], ConsentRecord]) -> ConsentRecord:
        with self._turn():
            current = self.load()
            if current.permanently_disable or current.problem:
                return current
            changed = change(current)
            if (now := self.load()).permanently_disable:
                return now  # a refusal doesn't wait for its turn
            if changed != current:
                self._replace(current, changed)
            return changed

    def agree_again(self, destination: str, now: float) -> ConsentRecord:
        """Store a yes that takes back an earlier no; return what stands afterwards.

        Only for a user who has just been asked, and knows of the no.

        Raises:
            CantStore: the record is in doubt or can't be written, or another process has the lock.
        """
        with self._turn():
            current = self.load()
            if current.problem:
                raise self._cant_store(self._paths.consent, current.problem)
            changed = current.agreed_again(destination, now)
            self._replace(current, changed)
            return changed

    def disable(self) -> bool:
        """Refuse for good: forget the id and every answer; return whether that is new.

        A record that can't be read is replaced: the user has just said what it is to hold. It is
        stored also where the lock can't be had, or the folder can't be written.

        Raises:
            CantStore: the record can't be written at all.
        """
        try:
            with self._turn():
                return self._refuse()
        except CantStore:
            return self._refuse()

    def _refuse(self) -> bool:
        current = self.load()
        if current.permanently_disable:
            return False
        refusal = ConsentRecord(asked_opt_in=current.asked_opt_in, permanently_disable=True)
        try:
            self._replace(current, refusal)
        except CantStore:
            # This isn't atomic, but a file that is half written counts as a refusal, too.
            if not files.overwrite(self._paths.consent, content(refusal)):
                raise
        return True

    def _replace(self, current: ConsentRecord, record: ConsentRecord) -> None:
        path = self._paths.consent
        # A link of the user's own stays; the file that it leads to must not keep the id.
        target = path if current.problem else os.path.realpath(path)
        try:
            files.replace(target, content(record), sync=True)
        except OSError as error:
            raise self._cant_store(path, f"can't be written: {because(error)}") from error

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Let no other process change the record meanwhile."""
        paths = self._paths
        try:
            with suppress(FileExistsError):
                os.mkdir(paths.folder, 0o700)  # a home isn't ours to make
        except OSError as error:
            raise self._cant_store(paths.folder, f"can't be written: {because(error)}") from error
        try:
            with lock.held(paths.lock):
                # Nobody else writes one now: a kill has left it, with an id.
                files.sweep(paths.consent)
                yield
        except lock.CantLock as error:
            raise self._cant_store(error.path, str(error)) from error

    def _cant_store(self, path: str, why: str) -> CantStore:
        return CantStore(f"{shown(path, self._paths.home)} {why}")
