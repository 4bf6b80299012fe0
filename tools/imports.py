"""Owns the order of cecli's rooms, and what imports what: drawn in CONTRIBUTING, and tested."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from textwrap import wrap

import cecli

_ROWS = (
    "main",
    "sessions/",
    "inspection/ integrations/ testing",
    "analytics",
    "resolution",
    "client",
    "delivery/",
    "catalogue/",
    "settings.registration",
    "consent/",
    "settings/",
    "facts/",
    "delivery.token",
    "spool/",
    "log crash destination process paths ids program",
    "args config_file",
    "places ownership files messages",
    "cecli",
)
ORDER = " ".join(_ROWS).split()
"""The rooms and the modules beside them, the highest first: each imports only what stands below it.

A room's name ends in a slash. A module of a room that has a place of its own is named with it.
``analytics`` and ``cecli`` are the packages' own modules.
"""


def modules() -> dict[str, Path]:
    """Return the file of every module by the module's name; packages are modules too."""
    package = Path(cecli.__file__).parent
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts).removesuffix(".__init__")] = path
    return found


def imports(path: Path, known: Iterable[str]) -> Iterator[str]:
    """Yield those of the *known* modules that a file imports, wherever in it."""
    known = frozenset(known)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module in known:
            for name in node.names:
                inner = f"{node.module}.{name.name}"
                yield inner if inner in known else node.module


def place(module: str) -> str:
    """Return what of :data:`ORDER` a module belongs to; nothing if it has no place.

    >>> place("cecli.analytics.settings.merge"), place("cecli.analytics.ids"), place("cecli.new")
    ('settings/', 'ids', '')
    """
    name = module.removeprefix("cecli.").removeprefix("analytics.")
    room = name.partition(".")[0] + "/"
    return name if name in ORDER else room if room in ORDER else ""


def drawing() -> str:
    """Return a line for each room and module of :data:`ORDER`, with what it imports."""
    known = modules()
    drawn: dict[str, set[str]] = {name: set() for name in ORDER}
    for module, path in known.items():
        drawn[place(module)] |= {place(other) for other in imports(path, known)}
    indent = max(map(len, ORDER))
    lines = []
    for name, used in drawn.items():
        others = " ".join(other for other in ORDER if other in used - {name})
        line = f"{name:{indent}} ─▶ {others}" if others else name
        lines += wrap(line, 100, subsequent_indent=" " * (indent + 4), break_on_hyphens=False)
    return "\n".join(lines) + "\n"
