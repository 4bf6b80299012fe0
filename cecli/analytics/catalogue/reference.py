"""The catalogue as Markdown: ``docs/events.md``, and what ``cecli-analytics events`` prints."""

from __future__ import annotations

from collections.abc import Iterable

from cecli.analytics.catalogue.builtin import COMMON
from cecli.analytics.catalogue.declaration import Catalogue
from cecli.analytics.catalogue.event import Property
from cecli.analytics.catalogue.property_types import TYPES

_INTRODUCTION = """\
# Events

These are all the events that can be recorded, and all that can be in them. What is not in these
tables can't leave: a value that doesn't fit the type of its property is replaced or dropped.
Another program may declare more, with the same types.

Each event also holds the anonymous id, the time and a random id of its own.
"""


def render(catalogue: Catalogue) -> str:
    """Return the page for *catalogue*."""
    events = [
        f"### `{event.name}`\n\n{event.description} {event.why}\n\n"
        + (
            _properties(catalogue, event.name, event.properties)
            if event.properties
            else "No properties.\n"
        )
        for event in catalogue
    ]
    return "\n".join(
        [
            _INTRODUCTION,
            "## All events\n",
            _table(
                ("event", "when", "why"),
                ((f"`{event.name}`", event.description, event.why) for event in catalogue),
            ),
            "A program's commands are events of the name `command_<name>`, without properties.\n",
            "## On every event\n",
            _properties(catalogue, "", COMMON),
            "## What each event holds\n",
            *events,
            "## Types\n",
            _table(("type", "what can leave"), TYPES.items()),
            f"Packages of the program itself: {_words(catalogue.packages)}.\n",
        ]
    )


def _properties(catalogue: Catalogue, event: str, properties: Iterable[Property]) -> str:
    rows = []
    for each in properties:
        kind = str(each.type)
        if each.type == "choice":
            kind += ": " + _words(catalogue.choices(event, each.name))
        rows.append((f"`{each.name}`", kind, each.why))
    return _table(("property", "type", "why"), rows)


def _words(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines
    )
