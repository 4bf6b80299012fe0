"""From what a caller passes to the one line of JSON that is logged, queued and sent.

Owns the serialisation and its greatest length, the session's id, and that a model object stands
for the event's other models too. What fits is the catalogue's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from cecli import TYPE_CHECKING
from cecli.analytics import ids
from cecli.analytics.catalogue.builtin import MAIN_MODEL
from cecli.analytics.catalogue.declaration import Catalogue
from cecli.analytics.catalogue.property_types import Check, Misfit, model_name
from cecli.analytics.facts import model_names

if TYPE_CHECKING:
    from typing import Any

LONGEST_LINE = 16 * 1024
"""Bytes of a serialised event, its newline included."""

_encode = json.JSONEncoder(
    ensure_ascii=True, allow_nan=False, check_circular=False, separators=(",", ":")
).encode


class Sanitised:
    """What became of one call."""

    __slots__ = ("changed", "line", "why_not")

    def __init__(self, line: bytes | None, why_not: str | None, changed: tuple[str, ...]) -> None:
        self.line = line
        """The serialised event with its final newline, as log and spool hold it."""
        self.why_not = why_not
        """Why there is no line, for the program's author."""
        self.changed = changed
        """Names of properties that were dropped or replaced, never their values."""


class Sanitiser:
    """Makes the lines of one session's events, from what the catalogue has and nothing else."""

    def __init__(
        self, catalogue: Catalogue, user_id: str, common_facts: Mapping[str, object]
    ) -> None:
        """Fit and serialise what all events of the session share.

        Args:
            catalogue: what may leave.
            user_id: the stored UUID4, or one of the session's own if none is stored.
            common_facts: the properties of every event, as
                :func:`~cecli.analytics.facts.environment.facts` returns them.
        """
        if not ids.is_uuid4(user_id):
            raise ValueError("user_id: expected a UUID4")
        self.catalogue = catalogue
        """What may leave."""
        self.user_id = user_id
        common, _ = _fit(catalogue.common, dict(common_facts))
        # By hand: to encode this for each event would take 5 µs, of the 15 that one may cost.
        self._common = _encode(common)[1:-1] + "," * bool(common)
        self._session = ids.SessionId()

    def sanitise(
        self, name: object, properties: object = None, *, time: float, uuid: str
    ) -> Sanitised:
        """Make the line of one event, or say why there is none.

        Changes nothing that is passed, and never raises, whatever the name and the properties are.

        Args:
            name: the event's name.
            properties: a dict of property names and values; None and values of None are left out.
            time: seconds since the epoch. Like *uuid* the recorder's own, and taken as it is.
            uuid: the event's UUID4.
        """
        checks = self.catalogue.checks(name) if type(name) is str else None
        if type(name) is not str or checks is None:
            return Sanitised(None, "the event isn't declared in the catalogue", ())
        fitted, changed = _fit(checks, properties)
        line = self._line(name, fitted, time, uuid)
        while len(line) > LONGEST_LINE:
            if not _shorten(fitted):
                return Sanitised(None, "the event is too long", tuple(changed))
            line = self._line(name, fitted, time, uuid)
        return Sanitised(line, None, tuple(changed))

    def _line(self, name: str, fitted: dict[str, Any], time: float, uuid: str) -> bytes:
        own, session = _encode(fitted)[:-1] + "," * bool(fitted), self._session.id_at(time)
        properties = f'{own}{self._common}"$session_id":"{session}"}}'
        ends = f'"user_id":"{self.user_id}","time":{time:.3f},"uuid":"{uuid}"}}\n'
        return f'{{"event":"{name}","properties":{properties},{ends}'.encode("ascii")


def _fit(checks: Mapping[str, Check], properties: object) -> tuple[dict[str, Any], list[str]]:
    """Return the properties that may leave, and the names of those that were changed."""
    fitted: dict[str, Any] = {}
    changed: list[str] = []
    if properties is None:
        return fitted, changed
    if not issubclass(type(properties), dict):
        return fitted, ["(properties that are no dict)"]
    model: object = None
    # dict.items and a copy: a subclass's own iteration isn't asked, and another thread may write.
    given: dict[object, object] = properties  # type: ignore[assignment]
    for key, value in tuple(dict.items(given)):
        # A key that is no str has a hash and an equality of its own.
        if type(key) is not str:
            changed.append("(a name that is no str)")
            continue
        check = checks.get(key)
        if check is None:
            changed.append(key)
        elif value is not None:
            outcome = check(value)
            if type(outcome) is not Misfit:
                fitted[key] = outcome
            else:
                changed.append(key)
                if outcome.stand_in is not None:
                    fitted[key] = outcome.stand_in
            if key == MAIN_MODEL.name and type(value) is not str:
                model = value
    if model is not None:
        for key, check in checks.items():
            other_model = check is model_name and key not in fitted
            if other_model and (name := model_names.carried(model, key)):
                fitted[key] = name
    return fitted, changed


def _shorten(fitted: dict[str, Any]) -> bool:
    """Halve the longest kinds of values, frames first, and say so; False if nothing is left.

    Of an exception's frames the innermost stay; of exceptions and option names, the first.
    """
    fitted["cut"] = True
    lists = [value for value in fitted.values() if type(value) is list and value]
    for value in lists:
        if type(value[0]) is dict:
            stacks = [error["stacktrace"] for error in value]
            if any(stack["frames"] for stack in stacks):
                for stack in stacks:
                    frames = stack["frames"]
                    stack["frames"] = frames[(len(frames) + 1) // 2 :]
                return True
    for value in lists:
        del value[len(value) // 2 :]
    return bool(lists)
