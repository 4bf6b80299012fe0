"""The queries in docs/queries: PostHog's parser takes them, and they ask what the catalogue has."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from cecli.analytics.catalogue.builtin import COMMON
from cecli.sessions import aider_events
from tests.hogql import Names, names, parse
from tools.queries import COLUMNS, Query, dashboard, queries

QUERIES = queries()
CATALOGUE = aider_events.catalogue()
EVENTS = {event.name: event for event in CATALOGUE}
DECLARED = {each.name for each in COMMON} | {
    each.name for event in CATALOGUE for each in event.properties
}

# Each was looked up in PostHog/posthog, posthog/hogql/functions: the parser takes any name.
FUNCTIONS = {
    *("any", "anyIf", "argMax", "count", "countIf", "max", "median", "min", "quantile", "sum"),
    *("JSONExtract", "JSONExtractArrayRaw", "JSONExtractBool", "JSONExtractInt"),
    *("JSONExtractKeys", "JSONExtractKeysAndValues", "JSONExtractString"),
    *("arrayFilter", "arrayJoin", "coalesce", "greatest", "ifNull", "now", "nullIf", "round"),
    *("startsWith", "toFloat", "toIntervalDay", "toStartOfWeek", "toString"),
}


@pytest.fixture(scope="module")
def read() -> dict[str, Names]:
    """Return what each query names."""
    return {name: names(parse(query.text)) for name, query in QUERIES.items()}


@pytest.mark.parametrize("query", QUERIES.values(), ids=lambda query: query.name)
def test_posthogs_parser_takes_it(query: Query) -> None:
    assert parse(query.text)["node"] == "SelectQuery"


@pytest.mark.parametrize("text", ["SELECT a b c FROM", "SELECT 1; SELECT 2", "", "SELECT 'a"])
def test_the_parser_refuses_what_is_no_query(text: str) -> None:
    with pytest.raises(ValueError):
        parse(text)


@pytest.mark.parametrize(
    ("text", "events", "properties"),
    [
        ("SELECT properties.a FROM events WHERE event = 'x'", {"x"}, {"a"}),
        ("SELECT properties['b'] FROM events WHERE event IN ('x', 'y')", {"x", "y"}, {"b"}),
        ("SELECT 1 FROM (SELECT countIf(event != 'x' AND properties.$c > 1))", {"x"}, {"$c"}),
        ("SELECT arrayJoin(['command_z']), startsWith(event, 'command_')", {"command_z"}, set()),
        ("SELECT 'properties.d' -- properties.e, event = 'w'", set(), set()),
    ],
)
def test_what_a_query_names_is_found_in_its_tree(
    text: str, events: set[str], properties: set[str]
) -> None:
    found = names(parse(text))
    assert found.events == events
    assert found.properties == properties


@pytest.mark.parametrize("name", QUERIES)
def test_every_event_that_it_names_stands_in_the_catalogue(
    name: str, read: dict[str, Names]
) -> None:
    assert not read[name].events - set(EVENTS)


@pytest.mark.parametrize("name", QUERIES)
def test_every_property_that_it_names_stands_in_the_catalogue(
    name: str, read: dict[str, Names]
) -> None:
    assert not read[name].properties - DECLARED


@pytest.mark.parametrize("name", QUERIES)
def test_every_choice_that_it_compares_with_can_be_one(name: str, read: dict[str, Names]) -> None:
    for declared, word in read[name].values:
        holders = [
            event.name
            for event in CATALOGUE
            if any(each.name == declared and each.type == "choice" for each in event.properties)
        ]
        words = {word for event in holders for word in CATALOGUE.choices(event, declared)}
        assert not holders or word in words, (declared, word)


@pytest.mark.parametrize("name", QUERIES)
def test_every_function_that_it_calls_is_one_of_hogqls(name: str, read: dict[str, Names]) -> None:
    assert not read[name].functions - FUNCTIONS


REASONS = [
    *(("", each.name) for each in COMMON),
    *((event.name, "") for event in CATALOGUE),
    *((event.name, each.name) for event in CATALOGUE for each in event.properties),
]
"""Each event and each property has a reason to be collected, and a reason is a question."""


@pytest.mark.parametrize(("event", "declared"), REASONS)
def test_every_reason_in_the_catalogue_has_a_query_that_asks(
    event: str, declared: str, read: dict[str, Names]
) -> None:
    asking = [found for found in read.values() if not event or event in found.events]
    assert any(
        not declared or declared in found.properties or (event and found.reads_all)
        for found in asking
    )


def tiles() -> list[dict[str, Any]]:
    """Return the tiles of the dashboard."""
    found: list[dict[str, Any]] = json.loads(dashboard())["template"]["tiles"]
    return found


def test_the_dashboard_has_what_posthogs_schema_requires() -> None:
    body = json.loads(dashboard())
    assert set(body) == {"template"}
    types = {name: type(value) for name, value in body["template"].items()}
    assert types == {
        "template_name": str,
        "dashboard_description": str,
        "dashboard_filters": dict,
        "tags": list,
        "variables": list,
        "tiles": list,
    }


def test_a_tile_is_what_posthog_exports() -> None:
    for tile in tiles():
        assert set(tile) == {"type", "name", "description", "query", "layouts", "color"}
        assert tile["type"] == "INSIGHT"
        assert tile["query"]["kind"] == "DataVisualizationNode"
        assert tile["query"]["source"]["kind"] == "HogQLQuery"


def test_the_dashboard_asks_every_query_that_heeds_its_filters() -> None:
    asked = [tile["query"]["source"]["query"] for tile in tiles()]
    assert asked == [query.text for query in QUERIES.values() if "{filters}" in query.text]
    assert [name for name, query in QUERIES.items() if not query.is_tile] == [
        "delete-one-id",
        "of-one-id",
    ]


def test_no_tile_lies_on_another() -> None:
    taken: set[tuple[int, int]] = set()
    for tile in tiles():
        place = tile["layouts"]["sm"]
        columns = range(place["x"], place["x"] + place["w"])
        cells = set(itertools.product(columns, range(place["y"], place["y"] + place["h"])))
        assert place["x"] + place["w"] <= COLUMNS
        assert not cells & taken
        taken |= cells
