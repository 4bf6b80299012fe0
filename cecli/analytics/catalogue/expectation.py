"""What a program passed that wasn't as declared, and what was expected: for its author."""

from __future__ import annotations

from collections.abc import Iterable

from cecli.analytics.catalogue.declaration import Catalogue
from cecli.analytics.catalogue.event import Event, Property
from cecli.analytics.catalogue.property_types import EXPECTED
from cecli.analytics.catalogue.sanitiser import Sanitised

_MOST_COUNTED = 100


def count(dropped: dict[str, int], name: object, made: Sanitised) -> None:
    """Count in *dropped* what wasn't as declared, by event and property."""
    for what in made.changed or (made.why_not or "",):
        key = f"{_label(name)}: {what}"
        if len(dropped) >= _MOST_COUNTED:  # names are the caller's: keep memory bounded
            key = "(others)"
        dropped[key] = dropped.get(key, 0) + 1


def told(catalogue: Catalogue, name: object, made: Sanitised) -> str:
    """Return what wasn't as declared, and what was expected.

    The values that were passed aren't known here, so none can be told.
    """
    event = next((each for each in catalogue if type(name) is str and each.name == name), None)
    if event is None:
        names = _listed(each.name for each in catalogue)
        return f"{_label(name)}: {made.why_not}; expected one of {names}"
    found = [_property(catalogue, event, each) for each in made.changed]
    return f"{_label(name)}: " + "; ".join([made.why_not, *found] if made.why_not else found)


def _label(name: object) -> str:
    return name if type(name) is str else "(a name that is no str)"


def _property(catalogue: Catalogue, event: Event, name: str) -> str:
    own = {each.name: each for each in event.properties}
    declared: Property | None = own.get(name)
    if declared is None:
        return f"{name}: expected a property by its name: {_listed(own) or 'it has none'}"
    if declared.type != "choice":
        return f"{name}: expected {EXPECTED[declared.type]}"
    return f"{name}: expected one of {', '.join(catalogue.choices(event.name, name))}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
