from __future__ import annotations

from typing import Any

import pytest

from cecli.analytics import NotAsDeclared
from cecli.analytics.catalogue.declaration import Catalogue
from cecli.analytics.catalogue.event import Event, Property
from cecli.analytics.catalogue.property_types import EXPECTED, TYPES
from cecli.analytics.testing import RecordingAnalytics


def told(name: Any, **properties: object) -> str:
    """Record an event in strict mode; return what its author is told."""
    catalogue = Catalogue()
    catalogue.declare(
        Event(
            "export",
            "Notes were exported.",
            "To know.",
            (
                Property("format", "choice", "To know.", ("html", "pdf")),
                Property("notes", "count", "To know."),
                Property("took", "amount", "To know."),
                Property("all", "flag", "To know."),
                Property("tool", "version", "To know."),
                Property("error", "exception type", "To know."),
                Property("trace", "exception", "To know."),
                Property("used", "option names", "To know."),
                Property("model", "model name", "To know."),
            ),
        )
    )
    with pytest.raises(NotAsDeclared) as caught:
        RecordingAnalytics(catalogue).event(name, **properties)
    return str(caught.value)


@pytest.mark.parametrize(
    ("property", "value", "expected"),
    [
        ("format", "/home/ada/SECRET", "format: expected one of html, pdf, other"),
        ("notes", "SECRET", "notes: expected a whole number from 0 to a trillion"),
        ("took", -1, "took: expected a number from 0 to a billion"),
        ("all", "SECRET", "all: expected True or False"),
        ("tool", "SECRET", "tool: expected up to three numbers with dots, as in '3.12.1'"),
        ("error", "SECRET", "error: expected an exception or its type"),
        ("trace", "SECRET", "trace: expected an exception"),
        ("used", ["SECRET"], "used: expected a list of uses of the program's own options, at most"),
        ("model", ["SECRET"], "model: expected a model's name, or an object that carries one"),
    ],
)
def test_a_value_that_doesnt_fit_is_told_by_what_was_expected(
    property: str, value: object, expected: str
) -> None:
    message = told("export", **{property: value})
    assert message.startswith(f"export: {expected}")
    assert "SECRET" not in message


def test_a_property_that_isnt_declared_is_told_with_those_that_are() -> None:
    message = told("export", formt="SECRET")
    assert message.startswith("export: formt: expected a property by its name: all, error, format")
    assert "SECRET" not in message


@pytest.mark.parametrize("name", ["exprt", 7, None])
def test_an_event_that_isnt_declared_is_told_with_those_that_are(name: object) -> None:
    message = told(name)
    assert "the event isn't declared in the catalogue; expected one of $exception, " in message
    assert ", export, " in message


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert told("export", notes=1.5, all=1).count("expected") == 2


def test_every_type_says_what_it_expects() -> None:
    assert set(EXPECTED) == set(TYPES)
