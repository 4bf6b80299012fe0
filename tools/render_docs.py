"""Rewrite the pages that are rendered from the code; with ``--check``, only compare them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from cecli.analytics.catalogue.reference import render
from cecli.analytics.settings.options import OPTIONS
from cecli.sessions import aider_events
from tools import manual, queries, rooms

ROOT = Path(__file__).parents[1]


def events() -> str:
    """Return the page about all events of cecli, those of a coding session included."""
    return render(aider_events.catalogue())


def readme() -> str:
    """Return the README with the table of options renewed."""
    rows = ["| flag | variable | default | what it does |", "| --- | --- | --- | --- |"]
    for option in OPTIONS:
        flag = f"--{option.name}{' ' + option.metavar if option.metavar else ''}"
        rows.append(f"| `{flag}` | `{option.variable()}` | {option.default()} | {option.text} |")
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return renewed("README.md", text, "options", "\n".join(rows) + "\n")


def contributing() -> str:
    """Return CONTRIBUTING with the tree and the drawing of the imports renewed."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for mark, part in (("tree", rooms.tree()), ("imports", rooms.drawing())):
        text = renewed("CONTRIBUTING.md", text, mark, f"```\n{part}```\n")
    return text


def guide() -> str:
    """Return the guide for those who read the events with every query in it renewed."""
    text = (ROOT / "docs" / "posthog.md").read_text(encoding="utf-8")
    for query in queries.queries().values():
        text = renewed("docs/posthog.md", text, f"query {query.name}", queries.block(query))
    return text


def renewed(page: str, text: str, mark: str, part: str, by: str = "make docs") -> str:
    """Return the text of a page with another part between two marks."""
    before, begin, rest = text.partition(f"<!-- {mark}: rendered by `{by}` -->\n")
    _, end, after = rest.partition(f"<!-- /{mark} -->")
    if not (begin and end):
        raise SystemExit(f"{page} has lost the marks around its {mark}")
    return "".join((before, begin, "\n", part, "\n", end, after))


def sample_config() -> str:
    """Return a config file with every option, none of them set."""
    lines = [
        "# A sample of .cecli.conf.yml, rendered from the options by `make docs`.",
        "# Put it into your home folder, the root of a git repository or the current folder",
        "# (the later wins), and take the '#' from what you want to set.",
    ]
    for option in OPTIONS:
        lines += ["", f"# {option.text}.", f"# Default: {option.default()}"]
        lines += [f"#{option.name}: {option.example}"]
    return "\n".join(lines) + "\n"


PAGES: list[tuple[str, Callable[[], str]]] = [
    ("README.md", readme),
    ("CONTRIBUTING.md", contributing),
    ("docs/events.md", events),
    ("docs/posthog.md", guide),
    ("docs/posthog-dashboard.json", queries.dashboard),
    ("sample-config.yml", sample_config),
    *manual.pages(),
]


def main(arguments: list[str]) -> int:
    """Write each page that differs; return 1 if ``--check`` found one."""
    stale = []
    for name, page in PAGES:
        path, text = ROOT / name, page()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in arguments:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="\n")
    for name in stale:
        print(f"{name}: {'differs from the code' if '--check' in arguments else 'written'}")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
