"""The consent record: what a user has answered so far, as a value, and as the JSON that keeps it.

Its file is :mod:`~cecli.analytics.consent.file`'s. Whether to ask is
:mod:`~cecli.analytics.consent.decision`'s, how to ask :mod:`~cecli.analytics.consent.question`'s.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from cecli.analytics import ids
from cecli.analytics.program import DEFAULT_HOST
from cecli.files import Unreadable
from cecli.messages import cut
from cecli.named_tuple import NamedTuple


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


def content(record: ConsentRecord) -> bytes:
    """Return what a file holds that keeps the record."""
    data = {key: value for key, value in record._asdict().items() if key in _KEYS}
    if not record.answered:
        del data["answered"]
    return json.dumps(data, indent=2).encode() + b"\n"


def parse(data: dict[str, object]) -> ConsentRecord:
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
