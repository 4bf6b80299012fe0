"""Owns the map of cecli's rooms: their tree, their order, and what imports what."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from textwrap import wrap

import cecli

_ROWS = (
    "main",
    "sessions/",
    "analytics",
    "inspection/ integrations/ testing",
    "resolution",
    "handover",
    "client",
    "delivery/",
    "catalogue/",
    "registration",
    "consent/",
    "settings/",
    "facts/",
    "spool/",
    "running/",
    "console log destination paths ids program",
    "args config_file",
    "places ownership files layout messages named_tuple",
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


def tree() -> str:
    """Return the folders and the modules of cecli, each with its first sentence."""
    return "\n".join(_branch(Path(cecli.__file__).parent, "")) + "\n"


def _branch(folder: Path, indent: str) -> Iterator[str]:
    modules = sorted(path for path in folder.glob("*.py") if path.stem != "__init__")
    rooms = sorted(path.parent for path in folder.glob("*/__init__.py"))
    yield from _entry(f"{indent}{folder.name}/", _sentence(folder / "__init__.py"))
    if rooms:
        for path in modules:
            yield from _entry(f"{indent}  {path.stem}", _sentence(path))
    else:
        yield from _entry("", " ".join(path.stem for path in modules))
    for room in rooms:
        yield from _branch(room, indent + "  ")


def _sentence(path: Path) -> str:
    """Return the first line of a module's docstring, without its markup."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return re.sub(r":\w+:|`", "", docstring.partition("\n")[0])


def _entry(name: str, text: str, width: int = 18) -> list[str]:
    """Return a name and its text beside it, in as many lines as that needs."""
    indent = " " * width
    return wrap(f"{name:{width}}{text}", 100, subsequent_indent=indent, break_on_hyphens=False)


def drawing() -> str:
    """Return a line for each of :data:`ORDER`, the highest first, with what it imports."""
    known = modules()
    drawn: dict[str, set[str]] = {name: set() for name in ORDER}
    for module, path in known.items():
        drawn[place(module)] |= {place(other) for other in imports(path, known)}
    lines = []
    for name, used in drawn.items():
        below = [other for other in ORDER if other in used - {name}]
        lines += _entry(f"{name:22}─▶ ", " ".join(below) or "nothing", 25)
    return "\n".join(lines) + "\n"
