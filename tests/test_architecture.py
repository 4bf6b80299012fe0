"""What may import what: the way of the data has one direction."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from cecli import analytics
from tests.support import NETWORK, SLOW, loaded_by
from tools.rooms import ORDER, imports, modules, place

ROOT = Path(__file__).parents[1]
MODULES = modules()
IMPORTS = {name: set(imports(path, MODULES)) for name, path in MODULES.items()}
FRONT = "cecli.analytics"
ROOMS = sorted(
    name for name, path in MODULES.items() if path.name == "__init__.py" and name.startswith(FRONT)
)[1:]


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_a_place(module: str) -> None:
    assert place(module), f"{module} stands in no room of tools.rooms.ORDER"


def test_the_order_names_nothing_that_is_gone() -> None:
    assert {place(module) for module in MODULES} == set(ORDER)


@pytest.mark.parametrize("module", MODULES)
def test_no_import_points_upward(module: str) -> None:
    height = {name: -number for number, name in enumerate(ORDER)}
    above = {other for other in IMPORTS[module] if height[place(other)] > height[place(module)]}
    assert not above


def test_no_import_comes_back() -> None:
    TopologicalSorter(IMPORTS).prepare()  # raises CycleError, which names the modules


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_its_modules_and_a_sentence(room: str) -> None:
    (sentence,) = ast.parse(MODULES[room].read_text(encoding="utf-8")).body
    assert isinstance(sentence, ast.Expr)
    assert isinstance(sentence.value, ast.Constant)


def test_few_modules_stand_beside_the_rooms_of_analytics() -> None:
    beside = [path for path in MODULES.values() if path.parent == MODULES[FRONT].parent]
    assert len(beside) <= 12, beside


@pytest.mark.parametrize("module", MODULES)
def test_a_module_can_be_read_in_one_go(module: str) -> None:
    assert len(MODULES[module].read_text(encoding="utf-8").splitlines()) <= 250


@pytest.mark.parametrize("module", ["cecli.args", "cecli.config_file"])
def test_the_parser_knows_nothing_of_analytics(module: str) -> None:
    assert not {name for name in IMPORTS[module] if name.startswith(FRONT)}


def test_only_a_program_uses_the_front() -> None:
    assert {name for name, used in IMPORTS.items() if FRONT in used} == {"cecli.main"}


def test_nobody_imports_a_room_as_a_whole() -> None:
    assert not {name for name, used in IMPORTS.items() if used & set(ROOMS)}


def test_the_recorder_and_the_deliverer_meet_only_in_files() -> None:
    """That the deliverer imports nothing of the recorder's is in the order."""
    assert not {name for name in IMPORTS[f"{FRONT}.client"] if place(name).startswith("delivery")}


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
    users = {name for name, path in MODULES.items() if package in packages(path)}
    assert users == SENDING[package]


def test_what_sends_is_used_by_the_sender_alone() -> None:
    sending = {module for users in SENDING.values() for module in users}
    users = {name for name, used in IMPORTS.items() if used & sending}
    assert users - sending == {"cecli.analytics.delivery.sender"}


LOADS = {
    # what is imported: what is there already, and what it must not load
    "cecli.analytics": ("import configargparse", NETWORK | SLOW | {"threading", "yaml"}),
    "cecli.main": ("import configargparse", NETWORK | SLOW | {"threading", "yaml"}),
    "cecli.analytics.running.crash": ("", NETWORK | SLOW | {"traceback"}),
    "cecli.analytics.delivery.start": ("", NETWORK | SLOW),
    "cecli.analytics.inspection.verbs": ("", NETWORK | SLOW),
    "cecli.analytics.inspection.status": ("", NETWORK | SLOW),
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


def python_files(folder: str) -> dict[str, Path]:
    """Return the files of a folder beside cecli by the names of their modules."""
    files = [path.relative_to(ROOT) for path in (ROOT / folder).rglob("*.py")]
    return {".".join(path.with_suffix("").parts): ROOT / path for path in files}


def test_no_test_module_imports_another() -> None:
    known = python_files("tests")
    found = {
        f"{name} imports {other}"
        for name, path in known.items()
        for other in imports(path, known)
        if other.rpartition(".")[2].startswith("test_")
    }
    assert not found


@pytest.mark.parametrize("folder", ["tools", "benchmarks", "examples"])
def test_what_a_developer_runs_needs_no_tests(folder: str) -> None:
    files = python_files(folder)
    assert files
    assert not {name for name, path in files.items() if "tests" in packages(path)}
