"""The recorder for programs' tests, and with it the use of features."""

from __future__ import annotations

import asyncio
import sys
import threading
from pathlib import Path

import pytest

from cecli.analytics import Analytics, NotAsDeclared, Status
from cecli.analytics.catalogue.declaration import Catalogue, CatalogueError
from cecli.analytics.testing import Envelope, RecordingAnalytics


def recorder() -> RecordingAnalytics:
    catalogue = Catalogue()
    catalogue.declare_commands("add")
    catalogue.declare_features("search")
    return RecordingAnalytics(catalogue)


@pytest.mark.parametrize("catalogue", ["x", [], 0])
def test_what_is_no_catalogue_is_a_type_error(catalogue: Catalogue) -> None:
    with pytest.raises(TypeError, match="expected a Catalogue, not "):
        RecordingAnalytics(catalogue)


def test_it_keeps_what_would_leave_in_order(home: Path) -> None:
    analytics = recorder()
    analytics.event("command_add")
    analytics.event("exit", reason="completed")
    assert analytics.names == ["command_add", "exit"]
    assert analytics.envelopes[1].properties["reason"] == "completed"
    assert list(home.iterdir()) == []


def test_it_knows_the_built_in_events_by_itself() -> None:
    analytics = RecordingAnalytics()
    analytics.event("launched")
    assert analytics.names == ["launched"]


@pytest.mark.parametrize(
    ("name", "properties"),
    [("command_ad", {}), ("exit", {"reason": "SECRET"}), ("exit", {"why": "SECRET"})],
)
def test_what_isnt_as_declared_is_raised_and_not_kept(
    name: str, properties: dict[str, object]
) -> None:
    analytics = recorder()
    with pytest.raises(NotAsDeclared) as caught:
        analytics.event(name, **properties)
    assert analytics.names == []
    assert "SECRET" not in str(caught.value)


def test_what_it_keeps_can_be_named_by_a_programs_tests() -> None:
    analytics = recorder()
    analytics.event("command_add")
    (envelope,) = analytics.envelopes
    assert isinstance(envelope, Envelope)
    assert isinstance(analytics.status, Status)


def test_it_keeps_nothing_after_its_end() -> None:
    analytics = recorder()
    with analytics:
        analytics.event("command_add")
    analytics.event("command_add")
    assert analytics.names == ["command_add"]


def test_it_puts_no_hook_anywhere() -> None:
    before = sys.excepthook, threading.excepthook
    analytics = recorder()
    assert (sys.excepthook, threading.excepthook) == before
    with pytest.raises(ZeroDivisionError), analytics:
        1 / 0  # noqa: B018
    assert analytics.names == []


def test_its_catalogue_is_closed() -> None:
    catalogue = Catalogue()
    RecordingAnalytics(catalogue)
    with pytest.raises(CatalogueError):
        catalogue.declare_commands("late")


def outcome(analytics: RecordingAnalytics) -> object:
    (envelope,) = analytics.envelopes
    duration = envelope.properties["duration"]
    assert envelope.event == "search"
    assert isinstance(duration, float)
    assert duration >= 0
    return envelope.properties["outcome"]


def test_a_feature_that_ends_well_has_completed() -> None:
    analytics = recorder()
    with analytics.feature("search"):
        assert analytics.names == []
    assert outcome(analytics) == "completed"


@pytest.mark.parametrize(
    ("error", "how"),
    [
        (ValueError("SECRET"), "failed"),
        (KeyboardInterrupt(), "interrupted"),
        (SystemExit(1), "interrupted"),
        (asyncio.CancelledError(), "interrupted"),
    ],
)
def test_a_feature_that_raises_is_recorded_and_raises(error: BaseException, how: str) -> None:
    analytics = recorder()
    with pytest.raises(type(error)) as caught, analytics.feature("search"):
        raise error
    assert caught.value is error
    assert outcome(analytics) == how
    assert b"SECRET" not in analytics.envelopes[0].line


def test_a_feature_decorates_a_function_once_for_each_call() -> None:
    analytics = recorder()

    @analytics.feature("search")
    def search(number: int) -> int:
        return number + 1

    assert [search(1), search(2)] == [2, 3]
    assert analytics.names == ["search", "search"]


def test_a_feature_costs_nothing_but_itself_where_analytics_is_off() -> None:
    analytics = Analytics(Status("off", "a test", "nowhere", None, None))
    with analytics.feature("no such feature"):
        pass
    assert analytics.dropped == {}
