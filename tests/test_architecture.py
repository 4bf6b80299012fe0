"""What may import what: the way of the data has one direction."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from cecli import analytics
from tests.support import NETWORK, SLOW, loaded_by

ROOT = Path(__file__).parents[1]

LEVELS = (
    "cecli",
    "messages",
    # What stands for itself.
    "files places analytics.program analytics.ids analytics.paths"
    " analytics.process settings.spelling settings.command_line settings.listener"
    " settings.sources",
    "ownership",
    # Values, and questions to the system.
    "analytics.console analytics.destination settings.options consent.question"
    " consent.surroundings analytics.log analytics.crash facts.environment facts.public_code"
    " facts.options_used config_file inspection.receiver",
    "settings.provenance",
    "settings.layers",
    # What the user has set and answered; the kinds of facts; the spool.
    "args consent.record facts.exceptions facts.model_names settings.merge spool.names",
    # What can leave; the small files of the delivery.
    "consent.decision catalogue.property_types delivery.state delivery.token spool.segment",
    "catalogue.builtin delivery.launch delivery.result delivery.transport spool.queue spool.folder",
    "spool.writer",
    "consent.refusal",
    "settings.registration",
    "catalogue.declaration",
    "catalogue.reference catalogue.sanitiser delivery.permission delivery.posthog",
    "delivery.sender",
    "delivery.batches",
    # The recorder and the deliverer, which never meet.
    "analytics.client delivery.worker inspection.user",
    # The hook behind the parser, and the entry of the deliverer's process.
    "analytics.resolution analytics.testing delivery.detached"
    " inspection.status inspection.events inspection.view inspection.deliver inspection.receive",
    # What programs are made of.
    "inspection.verbs integrations.litellm sessions sessions.aider_events sessions.aider_options",
    "sessions.aider_session sessions.parser",
    # The programs.
    "main",
)
"""The lowest first. A module imports only from lower levels."""

ROOMS = {
    *("settings", "consent", "catalogue", "facts"),
    *("spool", "delivery", "inspection", "integrations"),
}
FRONTS = {"cecli.analytics", *(f"cecli.analytics.{room}" for room in ROOMS)}
"""Packages that only hand names on, or hold nothing but modules."""


def levels() -> dict[str, int]:
    found = {}
    for level, names in enumerate(LEVELS):
        for name in names.split():
            inside = "analytics." if name.partition(".")[0] in ROOMS else ""
            found["cecli" if name == "cecli" else f"cecli.{inside}{name}"] = level
    return found


def modules() -> dict[str, Path]:
    found = {}
    for path in (ROOT / "cecli").rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts).removesuffix(".__init__")] = path
    return found


def imports(path: Path, known: dict[str, Path]) -> Iterator[str]:
    """Yield the modules of ours that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module in known:
            for name in node.names:
                inner = f"{node.module}.{name.name}"
                yield inner if inner in known else node.module


def test_every_module_has_a_level() -> None:
    assert set(modules()) - FRONTS == set(levels())


@pytest.mark.parametrize("module", sorted(set(modules()) - FRONTS))
def test_a_module_imports_only_what_stands_below_it(module: str) -> None:
    known, level = modules(), levels()
    above = [
        other
        for other in imports(known[module], known)
        if other not in FRONTS and level[other] >= level[module]
    ]
    assert above == []


@pytest.mark.parametrize("module", ["cecli.args", "cecli.config_file"])
def test_the_parser_knows_nothing_of_analytics(module: str) -> None:
    known = modules()
    used = imports(known[module], known)
    assert [name for name in used if name.startswith("cecli.analytics")] == []


@pytest.mark.parametrize("module", sorted(set(modules()) - {"cecli.main"}))
def test_only_a_program_uses_the_front(module: str) -> None:
    known = modules()
    assert module in FRONTS or not FRONTS & set(imports(known[module], known))


def packages(path: Path) -> set[str]:
    """Return the top-level packages that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    return found


SENDING = {
    "posthog": {"cecli.analytics.delivery.posthog"},
    "requests": {"cecli.analytics.delivery.transport"},
    "urllib3": {"cecli.analytics.delivery.transport"},
}


@pytest.mark.parametrize("package", SENDING)
def test_what_sends_is_imported_in_one_module_alone(package: str) -> None:
    users = {name for name, path in modules().items() if package in packages(path)}
    assert users == SENDING[package]


def test_what_sends_is_used_by_the_sender_alone() -> None:
    sending = {module for users in SENDING.values() for module in users}
    known = modules()
    users = {name for name, path in known.items() if sending & set(imports(path, known))}
    assert users - sending == {"cecli.analytics.delivery.sender"}


LOADS = {
    # what is imported: what is there already, and what it must not load
    "cecli.analytics": ("import configargparse", NETWORK | SLOW | {"threading", "typing", "yaml"}),
    "cecli.main": ("import configargparse", NETWORK | SLOW | {"threading", "typing", "yaml"}),
    "cecli.analytics.crash": ("", NETWORK | SLOW | {"threading", "traceback"}),
    "cecli.analytics.delivery.launch": ("", NETWORK | SLOW),
}


@pytest.mark.parametrize("module", LOADS)
def test_an_import_costs_next_to_nothing(module: str) -> None:
    given, forbidden = LOADS[module]
    loaded = loaded_by(f"import {module}", given=given)
    assert module in loaded
    assert not loaded & forbidden


def eager() -> set[str]:
    """Return the names that the front imports at once."""
    tree = ast.parse((ROOT / "cecli" / "analytics" / "__init__.py").read_text(encoding="utf-8"))
    imported = [
        node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module != "cecli"
    ]
    return {name.asname or name.name for node in imported for name in node.names}


def test_the_front_names_what_it_hands_on_in_order() -> None:
    assert analytics.__all__ == sorted(eager() | set(analytics._LATER))


@pytest.mark.parametrize("name", analytics.__all__)
def test_the_front_hands_on_each_of_its_names(name: str) -> None:
    code = f"from cecli.analytics import {name} as found; assert found.__name__ == {name!r}"
    assert "cecli.analytics" in loaded_by(code)


def test_a_name_that_the_front_hasnt_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"'cecli\.analytics' has no attribute 'Analytic'"):
        getattr(analytics, "Analytic")  # noqa: B009


def test_no_test_module_imports_another() -> None:
    files = [path.relative_to(ROOT) for path in (ROOT / "tests").rglob("*.py")]
    known = {".".join(path.with_suffix("").parts): ROOT / path for path in files}
    found = {
        f"{name} imports {other}"
        for name, path in known.items()
        for other in imports(path, known)
        if other.rpartition(".")[2].startswith("test_")
    }
    assert not found
