"""The page about events has what the catalogue has."""

from __future__ import annotations

import pytest

from cecli.analytics.catalogue.builtin import COMMON
from cecli.analytics.catalogue.declaration import Catalogue
from cecli.analytics.catalogue.event import Event, Property
from cecli.analytics.catalogue.property_types import TYPES
from cecli.analytics.catalogue.reference import render


@pytest.mark.parametrize("event", list(Catalogue()), ids=lambda event: event.name)
def test_the_page_has_each_event_with_its_properties(event: Event) -> None:
    page = render(Catalogue())
    _, section = page.split(f"### `{event.name}`\n")
    section = section.split("\n## ")[0].split("\n### ")[0]
    assert event.description in section
    for declared in event.properties:
        assert f"| `{declared.name}` | {declared.type}" in section
        assert f"| {declared.why} |" in section


def test_the_page_has_what_every_event_holds_and_each_type() -> None:
    page = render(Catalogue())
    for declared in COMMON:
        assert f"| `{declared.name}` | {declared.type}" in page
    for kind, meaning in TYPES.items():
        assert f"| {kind} | {meaning} |" in page


def test_the_page_names_the_programs_own_packages() -> None:
    catalogue = Catalogue()
    catalogue.declare_packages("notes", "notes_store")
    assert "`cecli`, `notes`, `notes_store`." in render(catalogue)


def test_a_programs_event_stands_on_its_page() -> None:
    catalogue = Catalogue()
    reason = Property("tool", "choice", "Which | tool.", ("ruff", "mypy"))
    catalogue.declare(Event("lint", "The linter ran.", "To know.", (reason,)))
    page = render(catalogue)
    assert "| `lint` | The linter ran. | To know. |" in page
    assert "| `tool` | choice: `mypy`, `ruff`, `other` | Which \\| tool. |" in page
