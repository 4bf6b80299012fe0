"""Draw the pictures of docs/: the page and the terminal, as they show docs/sample-analytics.jsonl.

The page is photographed by Chromium, without a window, in both of its colour schemes; the terminal
is drawn by rich. ``make pictures`` runs it.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.text import Text

from tools.user import SCRIPTS, Terminal

DOCS = Path(__file__).parents[1] / "docs"
SAMPLE = DOCS / "sample-analytics.jsonl"
COLUMNS = 86
SCHEMES = ("light", "dark")


def main() -> int:
    """Write the pictures; return the exit code."""
    os.environ["TZ"] = "UTC"
    draw_terminal(DOCS / "view-terminal.svg")
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        sys.exit("pictures: no Chromium on the PATH; the page has no picture")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        words = [str(SCRIPTS / "cecli-analytics"), "view", SAMPLE.name, "--html", str(page)]
        subprocess.run(words, cwd=DOCS, check=True)
        photograph(program, page)
    return 0


def draw_terminal(target: Path) -> None:
    """Draw what ``cecli-analytics view`` shows on a terminal."""
    environ = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "PYTHONUTF8": "1"}
    environ.pop("NO_COLOR", None)
    command = [str(SCRIPTS / "cecli-analytics"), "view", SAMPLE.name]
    terminal = Terminal(*command, cwd=DOCS, env=environ)
    assert terminal.finish() == 0, terminal.shown
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    console.print(Text.from_ansi(terminal.shown))
    svg = console.export_svg(title=" ".join(["cecli-analytics", *command[1:]]), unique_id="view")
    # The fonts that rich's template names are on other machines.
    head, _, rest = svg.partition("<style>")
    style, _, rest = rest.partition("</style>")
    while "@font-face" in style:
        start = style.index("@font-face")
        style = style[:start] + style[style.index("}", start) + 1 :]
    target.write_text(f"{head}<style>{style}</style>{rest}", encoding="utf-8")
    print(f"docs/{target.name}: written")


def photograph(program: str, page: Path) -> None:
    """Take a picture of the top of the page in each colour scheme."""
    with sync_playwright() as playwright:
        as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=program, args=as_root)
        for scheme in SCHEMES:
            shown = browser.new_page(
                viewport={"width": 1280, "height": 1240},
                color_scheme=scheme,  # type: ignore[arg-type]
            )
            shown.goto(page.as_uri())
            shown.screenshot(path=DOCS / f"view-page-{scheme}.png")
            print(f"docs/view-page-{scheme}.png: written")
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
