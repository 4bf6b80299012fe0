"""What cecli knows of aider is what aider has: its commands, edit formats, events and reasons."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from cecli.sessions import aider_events
from cecli.sessions.aider_options import VERSIONS
from tests.sessions.sessions import needs_aider

pytestmark = [
    pytest.mark.aider,
    needs_aider,
    pytest.mark.filterwarnings("ignore"),  # aider's own
]


def aider_sources() -> Iterator[ast.AST]:
    spec = importlib.util.find_spec("aider")
    assert spec is not None
    assert spec.origin is not None
    for path in Path(spec.origin).parent.rglob("*.py"):
        yield ast.parse(path.read_text(encoding="utf-8"))


def calls_of_event() -> Iterator[ast.Call]:
    for tree in aider_sources():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "event"
                and node.args
            ):
                yield node


def test_the_version_that_is_installed_is_known() -> None:
    import aider

    assert aider.__version__ in VERSIONS


def methods(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name == "Commands":
            yield from (each.name for each in node.body if isinstance(each, ast.FunctionDef))


def test_the_commands_are_aiders() -> None:
    found = {
        name.removeprefix("cmd_").replace("_", "-")
        for tree in aider_sources()
        for name in methods(tree)
        if name.startswith("cmd_")
    }
    assert found == set(aider_events.COMMANDS)


def test_the_edit_formats_are_aiders() -> None:
    spec = importlib.util.find_spec("aider")
    assert spec is not None
    assert spec.origin is not None
    front = ast.parse((Path(spec.origin).parent / "coders" / "__init__.py").read_text())
    offered = {
        alias.name
        for node in ast.walk(front)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    found = {
        statement.value.value
        for tree in aider_sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name in offered
        for statement in node.body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
        and statement.targets[0].id == "edit_format"
        and isinstance(statement.value, ast.Constant)
    }
    declared = aider_events.catalogue().choices("message_send", "edit_format")
    assert found - {None} == set(declared) - {"other"}


def test_every_event_of_aiders_is_recorded_or_known_to_be_replaced() -> None:
    found = {
        call.args[0].value for call in calls_of_event() if isinstance(call.args[0], ast.Constant)
    }
    assert found - set(aider_events.PASSED) == {"launched", "exit", "message_send_exception"}
    assert {name for name in aider_events.PASSED if not name.startswith("command_")} <= found


def test_every_reason_of_aiders_to_exit_is_in_the_closed_list() -> None:
    found = {
        keyword.value.value
        for call in calls_of_event()
        if isinstance(call.args[0], ast.Constant) and call.args[0].value == "exit"
        for keyword in call.keywords
        if isinstance(keyword.value, ast.Constant)
    }
    assert found == set(aider_events.REASONS) | aider_events.GOES_ON
    reasons = aider_events.catalogue().choices("exit", "reason")
    assert set(aider_events.REASONS.values()) <= set(reasons)
