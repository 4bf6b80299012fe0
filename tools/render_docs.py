"""Rewrite the pages that are rendered from the code; with ``--check``, only compare them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from cecli.analytics.catalogue import Catalogue
from cecli.analytics.reference import render

ROOT = Path(__file__).parents[1]


def events() -> str:
    """Return the page about the built-in events."""
    return render(Catalogue())


PAGES: list[tuple[str, Callable[[], str]]] = [
    ("docs/events.md", events),
]


def main(arguments: list[str]) -> int:
    """Write each page that differs; return 1 if ``--check`` found one."""
    stale = []
    for name, page in PAGES:
        path, text = ROOT / name, page()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in arguments:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="\n")
    for name in stale:
        print(f"{name}: {'differs from the code' if '--check' in arguments else 'written'}")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
