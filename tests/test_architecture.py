"""What may import what: the way of the data has one direction."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

LEVELS = (
    # What stands for itself.
    "cecli analytics.defaults analytics.files analytics.ids analytics.messages analytics.paths"
    " analytics.process analytics.values analytics.command_line",
    # Values, and questions to the system.
    "analytics.model analytics.options analytics.question analytics.surroundings"
    " analytics.log analytics.crash analytics.environment"
    " analytics.public_code config_file delivery.receiver",
    # What the user has set and answered; the kinds of facts; the spool.
    "args analytics.consent analytics.exceptions analytics.model_names analytics.settings"
    " analytics.spool",
    # What can leave; the small files of the delivery.
    "analytics.decision analytics.fit delivery.state delivery.token delivery.result",
    "analytics.events delivery.launch delivery.posthog delivery.queue",
    "analytics.catalogue",
    "analytics.launch_facts analytics.reference analytics.sanitise delivery.sender",
    # The recorder and the deliverer, which never meet.
    "analytics.client delivery.worker",
    # The hook behind the parser, and the entry of the deliverer's process.
    "analytics.resolution analytics.testing delivery.detached",
    # What programs are made of.
    "analytics.command integrations.litellm hosts",
    "hosts.aider",
    # The programs.
    "main",
)
"""The lowest first. A module imports only from lower levels."""

FRONTS = {"cecli.analytics", "cecli.analytics.delivery", "cecli.analytics.integrations"}
"""Packages that only hand names on."""


def levels() -> dict[str, int]:
    found = {}
    for level, names in enumerate(LEVELS):
        for name in names.split():
            full = name.replace("delivery.", "analytics.delivery.", 1)
            full = full.replace("integrations.", "analytics.integrations.", 1)
            found["cecli" if full == "cecli" else f"cecli.{full}"] = level
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


@pytest.mark.parametrize("module", sorted(set(modules()) - {"cecli.main"}))
def test_only_a_program_uses_the_front(module: str) -> None:
    known = modules()
    assert module in FRONTS or not FRONTS & set(imports(known[module], known))


def test_posthog_is_named_in_one_module_alone() -> None:
    users = {
        name
        for name, path in modules().items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "posthog")
        or (
            isinstance(node, ast.Import)
            and any(n.name.split(".")[0] == "posthog" for n in node.names)
        )
    }
    assert users == {"cecli.analytics.delivery.posthog"}


SLOW = {"dataclasses", "inspect", "logging", "pathlib", "typing", "uuid", "datetime", "yaml"}


@pytest.mark.parametrize("program", ["import cecli.analytics", "import cecli.main"])
def test_what_starts_every_program_imports_nothing_slow(program: str) -> None:
    code = (
        "import sys, configargparse; before = set(sys.modules); "
        f"{program}; print(*(set(sys.modules) - before))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert not SLOW & set(ended.stdout.split())


def test_the_rendered_pages_are_as_the_code_says() -> None:
    ended = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "render_docs.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stdout
