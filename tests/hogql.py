"""Reads HogQL with PostHog's own parser, and tells what a query names."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any, NamedTuple

import pytest

Node = dict[str, Any]
_COMMAND = "command_"


def parse(text: str) -> Node:
    """Return the tree of a query; skip the test where the parser can't be installed.

    Raises:
        ValueError: the parser doesn't take it.
    """
    errors = "posthog.hogql.errors"  # PostHog's server has it, its SDK of the same name hasn't
    present = errors in sys.modules
    sys.modules.setdefault(errors, ModuleType(errors))
    try:
        parser = pytest.importorskip(
            "hogql_parser", reason="PostHog's parser is compiled, and has no wheel for this system"
        )
        tree: Node = json.loads(parser.parse_select_json(text, is_internal=True))
    finally:
        if not present:
            del sys.modules[errors]
    if tree.get("error"):
        raise ValueError(tree["message"])
    return tree


class Names(NamedTuple):
    """What a query names."""

    events: frozenset[str]
    properties: frozenset[str]
    functions: frozenset[str]
    values: frozenset[tuple[str, str]]
    """Properties, each with a word that it is compared with."""
    reads_all: bool
    """Whether it reads the properties as a whole, whatever their names."""


def names(tree: Node) -> Names:
    """Tell what a query names, from its tree."""
    nodes = list(_nodes(tree))
    events, values = set[str](), set[tuple[str, str]]()
    for node in nodes:
        if node["node"] == "CompareOperation":
            words = set(_words(node["right"]))
            if _chain(node["left"]) == ["event"]:
                events |= words
            elif name := _property(node["left"]):
                values |= {(name, word) for word in words}
        elif node["node"] == "Constant" and str(node["value"]).startswith(_COMMAND):
            events.add(node["value"])
    return Names(
        events=frozenset(events - {_COMMAND}),
        properties=frozenset(name for node in nodes if (name := _property(node))),
        functions=frozenset(node["name"] for node in nodes if node["node"] == "Call"),
        values=frozenset(values),
        reads_all=any(_chain(node) == ["properties"] for node in nodes),
    )


def _nodes(part: object) -> Iterator[Node]:
    if isinstance(part, dict):
        if "node" in part:
            yield part
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from _nodes(each)


def _chain(node: Node) -> list[str] | None:
    return node["chain"] if node["node"] == "Field" else None


def _property(node: Node) -> str | None:
    """Return the name of the event's property that a node reads, if it reads one."""
    if node["node"] == "ArrayAccess" and _chain(node["array"]) == ["properties"]:
        return str(node["property"]["value"])
    chain = _chain(node) or []
    return chain[1] if chain[:1] == ["properties"] and len(chain) > 1 else None


def _words(node: Node) -> Iterator[str]:
    """Yield the words on the right of a comparison: one, or those of a list."""
    return (each["value"] for each in _nodes(node) if isinstance(each.get("value"), str))
