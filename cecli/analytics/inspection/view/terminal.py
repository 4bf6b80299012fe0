"""The report in a terminal: with colours and bars by rich where both can do that, else plain.

Every value is made harmless here, before rich or the terminal sees it.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from textwrap import wrap
from types import ModuleType

from cecli.analytics.inspection.view.progress import is_able
from cecli.analytics.inspection.view.report import Table, headline, tables, totals, widths
from cecli.analytics.inspection.view.summary import Summary
from cecli.messages import show, terminal_width

_INDENT = "    "


def show_report(summary: Summary) -> None:
    """Show the report on stdout."""
    width = terminal_width(sys.stdout)
    harmless = [table.harmless() for table in tables(summary)]
    coloured = _coloured()
    if coloured is None:
        show(plain(headline(summary), harmless, width), sys.stdout)
        return
    drawn = io.StringIO()
    console = coloured.console(drawn, width, colours=not os.environ.get("NO_COLOR"))
    coloured.draw(console, headline(summary), totals(summary), harmless)
    show(drawn.getvalue(), sys.stdout, styled=True)


def _coloured() -> ModuleType | None:
    """Return who draws with rich; None without rich, or where stdout is no terminal for it."""
    stdout = sys.stdout
    if not (stdout and stdout.isatty() and is_able(os.environ) and _knows_blocks(stdout.encoding)):
        return None
    try:
        from cecli.analytics.inspection.view import coloured
    except ImportError:
        return None
    return coloured


def _knows_blocks(encoding: str) -> bool:
    try:
        "─█".encode(encoding)
    except (UnicodeError, LookupError):
        return False
    return True


def plain(sentence: str, found: list[Table], width: int) -> str:
    """Return the report in letters alone, in lines of *width* where words allow it."""
    lines = wrap(sentence, width)
    for table in found:
        lines += ["", table.title.upper(), *_drawn(table, width)]
        lines += wrap(table.note, width) if table.note else []
    return "\n".join(lines) + "\n"


def _drawn(table: Table, width: int) -> Iterator[str]:
    if table.prose:
        for name, text in table.rows:
            yield from wrap(
                f"{name}: {text}", width, subsequent_indent="    ", break_on_hyphens=False
            )
        return
    columns = widths(table.heads, table.rows)
    if sum(columns) + 2 * (len(columns) - 1) <= width:
        for row in (table.heads, *table.rows):
            cells = [f"{row[0]:{columns[0]}}"]
            cells += [f"{cell:>{size}}" for cell, size in zip(row[1:], columns[1:], strict=True)]
            yield "  ".join(cells).rstrip()
        return
    for first, *others in table.rows:  # too narrow for a table: each row is a paragraph
        told = (f"{head} {cell}" for head, cell in zip(table.heads[1:], others, strict=True))
        yield from wrap(f"{first}: {', '.join(told)}", width, subsequent_indent=_INDENT)
