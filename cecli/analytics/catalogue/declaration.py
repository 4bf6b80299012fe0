"""The events and properties that can leave: the built-in ones and those that a program declares.

Owns the rules for a declaration. The built-in events are
:mod:`~cecli.analytics.catalogue.builtin`'s, whether a value fits its property is
:mod:`~cecli.analytics.catalogue.property_types`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cecli.analytics.catalogue.builtin import BUILT_IN, COMMON
from cecli.analytics.catalogue.event import Event, Property
from cecli.analytics.catalogue.property_types import SESSION_ID, TYPES, Check, check
from cecli.analytics.facts.options_used import is_option_name

# Compiled when a program declares something: to compile all of them takes half a millisecond.
_EVENT_NAME = r"[a-z][a-z0-9_ -]{0,63}"
_COMMAND_NAME = r"[a-z][a-z0-9_-]{0,39}"
_PROPERTY_NAME = r"[a-z][a-z0-9_]{0,39}"
_PACKAGE_NAME = r"[A-Za-z_][A-Za-z0-9_]{0,63}"
_CHOICE = r"[A-Za-z0-9][A-Za-z0-9 ._+-]{0,63}"
_SENTENCE = r"(?s:.*\S.*)"
_MOST_PROPERTIES = 32
_FEATURE_OUTCOMES = ("completed", "failed", "interrupted")


class CatalogueError(Exception):
    """A declaration that can't stand; the message says which and what was expected."""


class Catalogue:
    """The events of one program: the built-in ones and those that it declares."""

    def __init__(self) -> None:
        self._events: dict[str, Event] = {}
        self._checks: dict[str, dict[str, Check]] = {}
        self._choices: dict[tuple[str, str], set[str]] = {}
        self._options: set[str] = set()
        self._packages = {"cecli"}
        self._frozen = False
        self.common: dict[str, Check] = {each.name: self._check("", each) for each in COMMON}
        for event in BUILT_IN:
            self._add(event)

    def __iter__(self) -> Iterator[Event]:
        """Yield the events in the order of their declaration."""
        return iter(self._events.values())

    def declare(self, event: Event) -> None:
        """Add an event of the program's own.

        Raises:
            CatalogueError: the name is taken or malformed, a property has no known type or
                breaks a rule, or the session has started.
        """
        if not isinstance(event, Event):
            raise CatalogueError(f"declare: expected an Event, not {type(event).__name__}")
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
        self._refuse_bad_properties(event.name, (), event.properties)
        self._add(event)

    def declare_properties(self, event: str, *properties: Property) -> None:
        """Add properties to an event that is declared already; it may be a built-in one.

        Raises:
            CatalogueError: no event has that name, a property breaks a rule, or the session has
                started.
        """
        self._refuse_if_frozen(event)
        found = self._events.get(event)
        if found is None:
            raise CatalogueError(f"event {event!r}: expected one that is declared already")
        self._refuse_bad_properties(event, found.properties, properties)
        self._add(found._replace(properties=found.properties + properties))

    def declare_commands(self, *names: str) -> None:
        """Add ``command_<name>`` for commands of the program, named without their slash."""
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
        """Add words to the choice *name*, in every event that has it by now."""
        self._refuse_if_frozen(name)
        found = [known for (event, each), known in self._choices.items() if event and each == name]
        if not found:
            raise CatalogueError(f"choice {name!r}: expected a declared property of that type")
        _refuse_bad_choices(f"choice {name!r}", choices)
        for known in found:
            known.update(choices)

    def declare_options(self, *names: str) -> None:
        """Add options of the program, by their long names without dashes.

        A session that has started takes them too: a parser's own names are no user's text, and
        several parsers may share a catalogue.
        """
        for name in names:
            if not is_option_name(name):
                raise CatalogueError(f"option {name!r}: expected a long name without dashes")
        self._options.update(names)

    def declare_packages(self, *names: str) -> None:
        """Add packages of the program's own, by the names under which they are imported.

        Of a crash, the frames in them leave too, and the names of their exception types. They
        count as they are installed by pip: what runs from a source tree stays unnamed.

        Raises:
            CatalogueError: a name is no top-level package's, or the session has started.
        """
        for name in names:
            self._refuse_if_frozen(name)
            if not _matches(_PACKAGE_NAME, name):
                raise CatalogueError(
                    f"package {name!r}: expected the name of a package to import, without a dot"
                )
        self._packages.update(names)

    @property
    def packages(self) -> tuple[str, ...]:
        """The program's own packages, sorted."""
        return tuple(sorted(self._packages))

    def declare_program(self, name: str) -> None:
        """Add the name of the program that records, which stands on every event."""
        self._choices["", "program"].add(name)

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
        """Take an event in; one that is known keeps the checks that it has."""
        self._events[event.name] = event
        checks = self._checks.setdefault(event.name, {})
        for each in event.properties:
            if each.name not in checks:
                checks[each.name] = self._check(event.name, each)

    def _check(self, event: str, declared: Property) -> Check:
        if declared.type != "choice":
            is_options = declared.type == "option names"
            return check(declared.type, self._options if is_options else self._packages)
        choices = self._choices[event, declared.name] = {"other", *declared.choices}
        return check("choice", choices)

    def _refuse_if_frozen(self, name: str) -> None:
        if self._frozen:
            raise CatalogueError(f"{name!r} is declared after the session has started")

    def _refuse_bad_properties(
        self, event: str, present: Sequence[Property], added: Sequence[Property]
    ) -> None:
        if not (isinstance(added, tuple) and all(isinstance(each, Property) for each in added)):
            raise CatalogueError(f"event {event!r}: expected a tuple of Property objects")
        if len(present) + len(added) > _MOST_PROPERTIES:
            raise CatalogueError(f"event {event!r}: expected at most {_MOST_PROPERTIES} properties")
        taken = {*self.common, *(each.name for each in present)}
        for each in added:
            _refuse_bad_property(event, each)
            if each.name in taken:
                raise CatalogueError(f"event {event!r}: {each.name!r} is declared already")
            taken.add(each.name)


def _matches(pattern: str, text: object) -> bool:
    return isinstance(text, str) and re.fullmatch(pattern, text) is not None


def _refuse_bad_property(event: str, declared: Property) -> None:
    where = f"event {event!r}, property {declared.name!r}"
    if not _matches(_PROPERTY_NAME, declared.name):
        raise CatalogueError(
            f"{where}: expected a name of small letters, digits and '_', at most 40"
        )
    open_types = sorted(TYPES.keys() - {SESSION_ID})
    if declared.type not in open_types:
        raise CatalogueError(
            f"{where}: {declared.type!r} is no property type; expected one of "
            f"{', '.join(open_types)} (free text can't be collected)"
        )
    if not _matches(_SENTENCE, declared.why):
        raise CatalogueError(f"{where}: expected a reason")
    if bool(declared.choices) != (declared.type == "choice"):
        raise CatalogueError(f"{where}: expected choices for the type 'choice', and only for it")
    _refuse_bad_choices(where, declared.choices)


def _refuse_bad_choices(where: str, choices: Sequence[str]) -> None:
    if isinstance(choices, str):  # else its letters would be taken for choices
        raise CatalogueError(f"{where}: expected a tuple of choices, not {choices!r}")
    for choice in choices:
        if not _matches(_CHOICE, choice):
            raise CatalogueError(
                f"{where}: {choice!r} is no choice; expected letters, digits, spaces and '._+-', "
                "at most 64"
            )
