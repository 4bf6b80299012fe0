"""The consent record, ``~/.cecli/analytics.json``: read, and changed without losing a refusal.

Owns the file; its lock is :mod:`~cecli.analytics.consent.lock`'s. Whether to ask is
:mod:`~cecli.analytics.consent.decision`'s, how to ask :mod:`~cecli.analytics.consent.question`'s.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import NamedTuple

from cecli import files, ownership
from cecli.analytics import ids
from cecli.analytics.consent import lock
from cecli.analytics.paths import Paths
from cecli.analytics.program import DEFAULT_HOST
from cecli.files import Unreadable
from cecli.messages import because, cut, shown

_LARGEST = 64 * 1024


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
    answered: Mapping[str, float] = {}
    """When each answer was given, in seconds since the epoch."""
    problem: str | None = None
    """Why the file doesn't count, and how to mend it, as the end of a sentence.

    None if the record is good or there is no file."""

    def agreed(self, destination: str) -> bool | None:
        """Return the answer for a destination's id; None if it was never asked about."""
        if self.permanently_disable or self.problem:
            return False
        return self.destinations.get(destination)

    def with_id(self) -> ConsentRecord:
        """Return the record with an id, a new one if it has none."""
        return self if self.uuid else self._replace(uuid=ids.new())

    def with_answer(
        self,
        destination: str,
        agreed: bool,
        *,
        named_by_project: bool = False,
        now: float | None = None,
    ) -> ConsentRecord:
        """Return the record after an answer, given *now*, to the question for a destination's id.

        A first "no" disables for good; a later one, from a user who agreed to another destination,
        refuses this destination alone. So does a "no" to a destination that was
        *named_by_project*; it says nothing of any other, so the user counts as never asked.
        A refusal that another process stored meanwhile stands.
        """
        if not (agreed or named_by_project or any(self.destinations.values())):
            return ConsentRecord(asked_opt_in=True, permanently_disable=True)
        agreed = agreed and self.destinations.get(destination) is not False
        asked = self.asked_opt_in or agreed or not named_by_project
        answers = {**self.destinations, destination: agreed}
        answered = self.answered if now is None else {**self.answered, destination: round(now)}
        return self.with_id()._replace(asked_opt_in=asked, destinations=answers, answered=answered)

    def agreed_again(self, destination: str, now: float) -> ConsentRecord:
        """Return the record after a yes that takes back an earlier no, for good or for this one.

        After a disable the id is a new one.
        """
        kept = ConsentRecord() if self.permanently_disable else self
        answers = {each: yes for each, yes in kept.destinations.items() if each != destination}
        return kept._replace(destinations=answers).with_answer(destination, True, now=now)


_KEYS = frozenset(ConsentRecord._fields) - {"problem"}


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
            return _record(ownership.read_object(paths.consent, _LARGEST, follow=True))
        except ownership.NotOwn as error:
            why = error.about(paths.consent, paths.home)
            mend = f"if it is yours all the same: {error.mend}; else delete it"
            return ConsentRecord(problem=f"{why}; {mend}" if error.mend else why)
        except OSError as error:
            missing = isinstance(error, FileNotFoundError | NotADirectoryError)
            if missing and not os.path.islink(paths.consent):
                return ConsentRecord()
            return ConsentRecord(problem=f"{because(error)}; delete it to be asked again")

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
            if not files.overwrite(self._paths.consent, _content(refusal)):
                raise
        return True

    def _replace(self, current: ConsentRecord, record: ConsentRecord) -> None:
        path = self._paths.consent
        # A link of the user's own stays; the file that it leads to must not keep the id.
        target = path if current.problem else os.path.realpath(path)
        try:
            files.replace(target, _content(record), sync=True)
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


def _content(record: ConsentRecord) -> bytes:
    data = {key: value for key, value in record._asdict().items() if key in _KEYS}
    if not record.answered:
        del data["answered"]
    return json.dumps(data, indent=2).encode() + b"\n"


def _record(data: dict[str, object]) -> ConsentRecord:
    """Return the record that a file holds.

    Raises:
        Unreadable: it holds anything else, or more.
    """
    if unknown := [key for key in data if key not in _KEYS]:
        # It may be a misspelt refusal, or one that a later version knows.
        raise Unreadable(f"holds {cut(unknown[0])!a}, which no record has")
    uuid, asked, disabled = map(data.get, ("uuid", "asked_opt_in", "permanently_disable"))
    if not (uuid is None or (isinstance(uuid, str) and ids.is_uuid4(uuid))):
        raise Unreadable("holds a uuid that is no UUID4")
    if not (isinstance(asked, bool) and isinstance(disabled, bool)):
        raise Unreadable("lacks true or false for asked_opt_in or permanently_disable")
    # Before other destinations could be agreed to there was only the default one.
    answers = data.get("destinations", {DEFAULT_HOST: True} if asked and not disabled else {})
    if not (isinstance(answers, dict) and all(isinstance(yes, bool) for yes in answers.values())):
        raise Unreadable("holds destinations that are not true or false")
    if len({id.casefold() for id in answers}) < len(answers):
        raise Unreadable("holds a destination in two spellings")  # which could say yes and no
    if any(answers.values()) and not (asked and uuid):
        raise Unreadable("holds an agreement without an id or an answer")
    answered = data.get("answered", {})
    if not (isinstance(answered, dict) and all(map(_is_moment, answered.values()))):
        raise Unreadable("holds an answer at a time that is none")
    return ConsentRecord(uuid, asked, disabled, answers, answered)


def _is_moment(value: object) -> bool:
    return type(value) in (int, float) and 0 <= value < 2**40  # type: ignore[operator]
