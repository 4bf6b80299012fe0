"""The events and properties that can leave: the built-in ones and those that a host declares.

Owns the rules for a declaration. The built-in events are
:mod:`~cecli.analytics.catalogue.builtin`'s, whether a value fits its property is
:mod:`~cecli.analytics.catalogue.property_types`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cecli.analytics.catalogue.builtin import BUILT_IN, COMMON, Event, Property
from cecli.analytics.catalogue.property_types import TYPES, Check, check
from cecli.analytics.facts.options_used import is_option_name

__all__ = ["Catalogue", "CatalogueError", "Event", "Property"]

# Not compiled here: only hosts that declare something need them, and it takes a millisecond.
_EVENT_NAME = r"[a-z][a-z0-9_ -]{0,63}"
_COMMAND_NAME = r"[a-z][a-z0-9_-]{0,39}"
_PROPERTY_NAME = r"[a-z][a-z0-9_]{0,39}"
_CHOICE = r"[A-Za-z0-9][A-Za-z0-9 ._+-]{0,63}"
_SENTENCE = r"(?s:.*\S.*)"
_MOST_PROPERTIES = 32
_FEATURE_OUTCOMES = ("completed", "failed", "interrupted")


class CatalogueError(Exception):
    """A declaration that can't stand; the message says which and what was expected."""


class Catalogue:
    """The events of one program: the built-in ones and those that its host declares."""

    def __init__(self) -> None:
        self._events: dict[str, Event] = {}
        self._checks: dict[str, dict[str, Check]] = {}
        self._choices: dict[tuple[str, str], set[str]] = {}
        self._options: set[str] = set()
        self._frozen = False
        self.common: dict[str, Check] = {each.name: self._check("", each) for each in COMMON}
        for event in BUILT_IN:
            self._add(event)

    def __iter__(self) -> Iterator[Event]:
        """Yield the events in the order of their declaration."""
        return iter(self._events.values())

    def declare(self, event: Event) -> None:
        """Add an event of the host's own.

        Raises:
            CatalogueError: the name is taken or malformed, a property has no known type or
                breaks a rule, or the session has started.
        """
        self._refuse_if_frozen(event.name)
        if not _matches(_EVENT_NAME, event.name):
            raise CatalogueError(
                f"event {event.name!r}: expected a name of small letters, digits, '_', '-' and "
                "spaces, at most 64"
            )
        if event.name in self._events:
            raise CatalogueError(f"event {event.name!r} is declared already")
        if not (_matches(_SENTENCE, event.description) and _matches(_SENTENCE, event.why)):
            raise CatalogueError(f"event {event.name!r}: expected a description and a reason")
        if len(event.properties) > _MOST_PROPERTIES:
            raise CatalogueError(
                f"event {event.name!r}: expected at most {_MOST_PROPERTIES} properties"
            )
        names = set(self.common)
        for each in event.properties:
            _refuse_bad_property(event, each)
            if each.name in names:
                raise CatalogueError(f"event {event.name!r}: {each.name!r} is declared already")
            names.add(each.name)
        self._add(event)

    def declare_commands(self, *names: str) -> None:
        """Add ``command_<name>`` for commands of the host, named without their slash."""
        for name in names:
            if not _matches(_COMMAND_NAME, name):
                raise CatalogueError(
                    f"command {name!r}: expected a name of small letters, digits, '_' and '-', "
                    "without a slash"
                )
            self.declare(
                Event(
                    f"command_{name}",
                    f"The command `{name}` was used.",
                    "Which commands are used, and which nobody finds.",
                )
            )

    def declare_features(self, *names: str) -> None:
        """Add events that :meth:`Analytics.feature` records, with how each use went."""
        for name in names:
            self.declare(
                Event(
                    name,
                    f"The feature `{name}` was used.",
                    "Which features are used, and whether they work.",
                    (
                        Property("duration", "amount", "How long it takes, in seconds."),
                        Property("outcome", "choice", "Whether it works.", _FEATURE_OUTCOMES),
                    ),
                )
            )

    def declare_choices(self, name: str, *choices: str) -> None:
        """Add words to the choice *name*, in every event that has it."""
        self._refuse_if_frozen(name)
        found = [known for (event, each), known in self._choices.items() if event and each == name]
        if not found:
            raise CatalogueError(f"choice {name!r}: expected a declared property of that type")
        _refuse_bad_choices(f"choice {name!r}", choices)
        for known in found:
            known.update(choices)

    def declare_options(self, *names: str) -> None:
        """Add options of the host, by their long names without dashes."""
        # Also later: a parser's own names are no user's text, and two may share a catalogue.
        for name in names:
            if not is_option_name(name):
                raise CatalogueError(f"option {name!r}: expected a long name without dashes")
        self._options.update(names)

    def freeze(self) -> None:
        """Refuse all further declarations: what a session can send is settled at its start."""
        self._frozen = True

    def checks(self, name: str) -> dict[str, Check] | None:
        """Return the checks of an event's properties by their names; None if it isn't declared."""
        return self._checks.get(name)

    def choices(self, event: str, name: str) -> tuple[str, ...]:
        """Return the words that a choice may be, sorted; *event* is empty for a common one."""
        return (*sorted(self._choices[event, name] - {"other"}), "other")

    def _add(self, event: Event) -> None:
        self._events[event.name] = event
        self._checks[event.name] = {
            each.name: self._check(event.name, each) for each in event.properties
        }

    def _check(self, event: str, declared: Property) -> Check:
        if declared.type != "choice":
            return check(declared.type, self._options)
        choices = self._choices[event, declared.name] = {"other", *declared.choices}
        return check("choice", choices)

    def _refuse_if_frozen(self, name: str) -> None:
        if self._frozen:
            raise CatalogueError(f"{name!r} is declared after the session has started")


def _matches(pattern: str, text: object) -> bool:
    return type(text) is str and re.fullmatch(pattern, text) is not None


def _refuse_bad_property(event: Event, declared: Property) -> None:
    where = f"event {event.name!r}, property {declared.name!r}"
    if not _matches(_PROPERTY_NAME, declared.name):
        raise CatalogueError(
            f"{where}: expected a name of small letters, digits and '_', at most 40"
        )
    if declared.type not in list(TYPES):  # a list: what a host passes may have no hash
        raise CatalogueError(
            f"{where}: {declared.type!r} is no property type; expected one of "
            f"{', '.join(sorted(TYPES))} (free text can't be collected)"
        )
    if not _matches(_SENTENCE, declared.why):
        raise CatalogueError(f"{where}: expected a reason")
    choices: object = declared.choices
    if type(choices) is not tuple or (declared.type == "choice") != bool(choices):
        raise CatalogueError(
            f"{where}: expected a tuple of choices for the type 'choice', and only for it"
        )
    _refuse_bad_choices(where, declared.choices)


def _refuse_bad_choices(where: str, choices: tuple[str, ...]) -> None:
    for choice in choices:
        if not _matches(_CHOICE, choice):
            raise CatalogueError(
                f"{where}: {choice!r} is no choice; expected letters, digits, spaces and '._+-', "
                "at most 64"
            )
