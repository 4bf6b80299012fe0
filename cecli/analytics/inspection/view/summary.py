"""What a log comes to: its events by name and day, models, commands, failures, sessions, facts.

Owns the sums and what each is of; how they are shown is others'. What is held grows with the days,
the models and the sessions, each up to a bound, never with the events.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from cecli.analytics.inspection.view.reading import LogFile, Properties, Recorded
from cecli.analytics.inspection.view.sums import Day, Session, Usages, amount
from cecli.analytics.inspection.view.tally import Facts, Tally

MOST_DAYS = 4_000
MOST_SESSIONS = 100_000
MOST_USERS = 10_000
UNKNOWN = "(none)"
"""Stands for a model or a word that an event doesn't name."""
_SLICE = 900
"""Seconds in which the day doesn't change: each time zone is off by whole quarters of an hour."""


class Summary:
    """The sums of all events that were given to :meth:`add`."""

    def __init__(self) -> None:
        self.logs: list[LogFile] = []
        self.days: dict[str, Day] = {}
        self.other_days = Day()
        """The days for which there was no place, as one."""
        self.models = Usages()
        self.edit_formats = Tally()
        self.features: dict[str, Tally] = {}
        self.errors: dict[str, Tally] = {}
        self.reasons = Tally()
        self.users = Tally(MOST_USERS)
        self.sessions: dict[object, Session] = {}
        self.other_sessions = Session(float("inf"))
        """The sessions for which there was no place, as one."""
        self.facts = Facts()
        self._slices: dict[float, Day] = {}
        self._latest: dict[str, Session] = {}

    def read(
        self,
        log: LogFile,
        wanted: Callable[[Recorded], bool] | None = None,
        each: Callable[[Recorded], None] | None = None,
        tell: Callable[[int, int], None] = lambda done, size: None,
    ) -> None:
        """Add the *wanted* events of a log; *each* of them is handed on besides.

        Raises:
            Problem: the log can't be read.
        """
        self.logs.append(log)
        events: Iterable[Recorded] = log.read(tell=tell)
        if wanted:
            events = filter(wanted, events)
        for event in events:
            self.add(event)
            if each:
                each(event)

    def add(self, event: Recorded) -> None:
        """Add one event."""
        name, properties, user_id, moment, _ = event
        day = self._slices.get(moment // _SLICE) or self._day(moment)
        try:
            day.events[name] += 1
        except KeyError:
            day.events.add(name)
        key = properties.get("$session_id")
        if key is None:
            found = self._latest.get(user_id) if name != "launched" else None
        else:
            if type(key) is not str or not key:  # no log of ours has such a one
                key = f"({type(key).__name__})"
            found = self.sessions.get(key)
        session = found or self._session(user_id, key, moment)
        session.last = moment
        session.events += 1
        self.facts.add(properties)
        if name == "message_send":
            self._add_message(properties, day, session)
        elif name in _ENDINGS or "outcome" in properties:
            self._add_ending(name, properties, session)

    @property
    def events(self) -> Tally:
        """The events by their names."""
        found = Tally()
        for day in (*self.days.values(), self.other_days):
            for name, count in day.events.items():
                found.add(name, count)
            found.others += day.events.others
        return found

    @property
    def commands(self) -> Tally:
        """The commands of sessions by their names."""
        found = Tally()
        for name, count in self.events.items():
            if name.startswith(_COMMAND):
                found.add(name.removeprefix(_COMMAND), count)
        return found

    def latest_sessions(self, most: int) -> list[Session]:
        """Return the sessions that began last, the latest first."""
        return sorted(self.sessions.values(), key=lambda each: -each.first)[:most]

    @property
    def count(self) -> int:
        """How many events were added."""
        return sum(session.events for session in self._all_sessions())

    @property
    def span(self) -> tuple[float, float] | None:
        """The times of the first and the last event, in seconds since the epoch."""
        held = [session for session in self._all_sessions() if session.events]
        return (min(each.first for each in held), max(each.last for each in held)) if held else None

    def _all_sessions(self) -> list[Session]:
        return [*self.sessions.values(), self.other_sessions]

    def _day(self, moment: float) -> Day:
        name = day_of(moment)
        if name not in self.days and len(self.days) >= MOST_DAYS:
            return self.other_days
        if len(self._slices) > MOST_DAYS:
            self._slices.clear()
        day = self._slices[moment // _SLICE] = self.days.setdefault(name, Day())
        return day

    def _session(self, user_id: str, key: object, moment: float) -> Session:
        """Begin a session: it has an id, or is the one that its user has launched last."""
        self.users.add(user_id)
        if len(self.sessions) >= MOST_SESSIONS:
            session = self.other_sessions
            session.first = min(session.first, moment)
        else:
            session = Session(moment)
            self.sessions[key or len(self.sessions)] = session
        if key is None and len(self._latest) < MOST_USERS:
            self._latest[user_id] = session
        return session

    def _add_message(self, properties: Properties, day: Day, session: Session) -> None:
        model = _word(properties.get("main_model"))
        self.models.of(model).add(properties)
        day.models.of(model).add(properties)
        if "edit_format" in properties:
            self.edit_formats.add(_word(properties["edit_format"]))
        session.messages += 1
        session.cost += amount(properties.get("cost"))

    def _add_ending(self, name: str, properties: Properties, session: Session) -> None:
        if name == "exit":
            session.reason = _word(properties.get("reason"))
            self.reasons.add(session.reason)
        elif name == "message_send_exception":
            _in(self.errors, name).add(_word(properties.get("exception")))
        elif name == "$exception":
            session.crashed = True
            _in(self.errors, name).add(_crash(properties.get("$exception_list")))
        else:
            _in(self.features, name).add(_word(properties.get("outcome")))


_COMMAND = "command_"
_ENDINGS = frozenset({"exit", "message_send_exception", "$exception"})


def day_of(moment: float) -> str:
    """Return the day of a time, in the user's time zone, as year-month-day."""
    try:
        return time.strftime("%Y-%m-%d", time.localtime(moment))
    except (OverflowError, ValueError, OSError):
        return "(unknown)"


def _word(value: object) -> str:
    return value[:200] if isinstance(value, str) and value else UNKNOWN


def _crash(errors: Any) -> str:
    first = errors[0] if isinstance(errors, list) and errors else None
    return _word(first.get("type") if isinstance(first, dict) else None)


def _in(tallies: dict[str, Tally], name: str) -> Tally:
    if name not in tallies and len(tallies) >= 200:
        name = "(others)"
    return tallies.setdefault(name, Tally())
