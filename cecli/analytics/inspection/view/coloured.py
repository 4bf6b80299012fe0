"""The report with colours and bars, drawn by rich, which comes with the extra ``cecli[view]``."""

from __future__ import annotations

import io

from rich.box import SIMPLE_HEAD
from rich.columns import Columns
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table as Drawn
from rich.text import Text

from cecli.analytics.inspection.view.report import Table

BAR = 24
"""Characters of the longest bar."""
_EIGHTHS = " ▏▎▍▌▋▊▉"


def console(file: io.StringIO, width: int, *, colours: bool) -> Console:
    """Return a console that keeps in *file* what is printed to it."""
    return Console(
        file=file,
        width=width,
        force_terminal=True,
        legacy_windows=False,
        color_system="standard" if colours else None,
        no_color=not colours,
        highlight=False,
        markup=False,
        emoji=False,
    )


def draw(
    console: Console, sentence: str, totals: list[tuple[str, str]], tables: list[Table]
) -> None:
    """Print the report; every text in it is harmless already."""
    console.print(Text(sentence, style="bold"))
    tiles = [
        Panel(Text.assemble((number, "bold cyan"), "\n", (name, "dim")), padding=(0, 1))
        for name, number in totals
    ]
    console.print(Columns(tiles, padding=(0, 1)))
    for table in tables:
        console.print()
        console.print(Text(table.title, style="bold magenta"))
        drawings = [] if table.prose else [_drawn(table, bars=True), _drawn(table, bars=False)]
        fitting = (each for each in drawings if _width(each) <= console.width)
        if drawn := next(fitting, None):
            console.print(drawn)
        else:
            _print_rows(console, table)
        if table.note:
            console.print(Padding(Text(table.note, style="dim italic"), (0, 1), expand=False))


def _width(drawn: Drawn) -> int:
    return int(console(io.StringIO(), 10_000, colours=False).measure(drawn).maximum)


def _drawn(table: Table, *, bars: bool) -> Drawn:
    found = Drawn(box=SIMPLE_HEAD, show_edge=False, header_style="dim", pad_edge=True)
    for number, head in enumerate(table.heads):
        found.add_column(
            head,
            justify="right" if number else "left",
            style="" if number else "green",
            no_wrap=True,
        )
    if bars and table.shares:
        found.add_column("", style="cyan", no_wrap=True)
    for row, share in zip(table.rows, table.shares or [0.0] * len(table.rows), strict=True):
        cells = [Text(cell, style="red" if cell == "crash" else "") for cell in row]
        found.add_row(*cells, *([Text(bar(share))] if bars and table.shares else []))
    return found


def _print_rows(console: Console, table: Table) -> None:
    for first, *others in table.rows:
        text = Text.assemble((first, "green"), "  ")
        if table.prose:
            text.append(", ".join(others))
        else:
            told = (f"{head} {cell}" for head, cell in zip(table.heads[1:], others, strict=True))
            text.append(", ".join(told))
        lines = text.wrap(console, max(20, console.width - 4))
        for number, line in enumerate(lines):
            console.print(Padding(line, (0, 0, 0, 4 if number else 1), expand=False))


def bar(share: float) -> str:
    """Return a bar for a part of the whole, in eighths of a character.

    >>> bar(1) == "█" * 24, bar(0.5 + 1 / 192), bar(0)
    (True, '████████████▏', '')
    """
    eighths = round(share * BAR * 8)
    if share > 0:
        eighths = max(1, eighths)
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()
