"""How the results are written: the table on the terminal, RESULTS.md, and the README's lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from benchmarks.ratio import Ratio
from benchmarks.results import Growth, Part


def summary(parts: Iterable[Part]) -> str:
    """Return one table of all bounds, and a line for each part that broke."""
    rows = [
        (part.title, bound.what, told(bound.ratio), f"{bound.most:.3g}", bound.verdict)
        for part in parts
        for bound in part.bounds
    ]
    broken = [f"BROKEN: {part.title}: {part.broken}\n" for part in parts if part.broken]
    return _table(("part", "ratio", "found (95 %)", "at most", ""), rows) + "".join(broken)


def page(parts: Sequence[Part], machine: Mapping[str, str], date: str) -> str:
    """Return RESULTS.md: ratios first, then growth, then absolute figures."""
    lines = [
        "# What cecli costs",
        "",
        f"Found by `make bench` on {date}, which writes this page anew. Machines differ, so each",
        "bound is on a ratio to something that was measured beside it, in turns, in the same run.",
        "In brackets stands between what the ratio lies with a confidence of 95 % (a bootstrap",
        "over the turns: [ratio.py](ratio.py)). A bound is missed when the whole interval is above",
        "it, and undecided when the ratio is, but not the whole interval. Every server is on the",
        "same machine, and what is compared with each other runs in one Python.",
        "",
        _table(("", ""), machine.items()),
        "![What ten events add to a bare program](RESULTS-session.svg)",
        "",
        "## Ratios",
        "",
    ]
    for part in parts:
        if part.bounds:
            rows = [
                (each.what, told(each.ratio), f"{each.most:.3g}", each.verdict, each.why)
                for each in part.bounds
            ]
            heads = ("ratio", "found", "at most", "", "why that much")
            lines += [f"### {part.title}", "", _table(heads, rows)]
    lines += ["## Growth", "", "![What grows with the queue](RESULTS-growth.svg)", ""]
    for part in parts:
        if part.growth:
            lines += [f"### {part.title}", "", _growth(part.growth)]
    lines += ["## On this machine", "", "Medians; they say nothing of another machine.", ""]
    for part in parts:
        if part.figures:
            medians = [(each.what, amount(each.value, each.unit)) for each in part.figures]
            lines += [f"### {part.title}", "", _table(("", "median"), medians)]
    return "\n".join(lines).rstrip("\n") + "\n"


def quoted(parts: Iterable[Part]) -> str:
    """Return the lines for a reader in a hurry."""
    lines = ["What it costs, measured beside others on one machine"]
    lines[0] += " ([all figures](benchmarks/RESULTS.md); `make bench` finds yours):"
    return "\n".join([*lines, "", *(f"- {each}" for part in parts for each in part.quoted)]) + "\n"


def told(ratio: Ratio) -> str:
    """Write a ratio with its interval.

    >>> told(Ratio(0.5, 0.25, 1))
    '0.5 (0.25 to 1)'
    """
    return f"{ratio.found:.3g} ({ratio.low:.3g} to {ratio.high:.3g})"


def amount(value: float, unit: str) -> str:
    """Write seconds or bytes.

    >>> amount(0.0123, "s"), amount(2.5e-6, "s"), amount(12.0, "s"), amount(98_300_000, "B")
    ('12.3 ms', '2.5 µs', '12 s', '98.3 MB')
    """
    if unit == "B":
        return f"{value / 1e6:.3g} MB"
    scale, name = (1, "s") if value >= 1 else (1e3, "ms") if value >= 1e-3 else (1e6, "µs")
    return f"{value * scale:.3g} {name}"


def _growth(rows: Sequence[Growth]) -> str:
    sizes = list(rows[0].costs) if rows else []
    sizes += [size for row in rows for size in row.costs if size not in sizes]
    cells = [(row.what, *(_cost(row, size) for size in sizes)) for row in rows]
    return _table(("", *sizes), cells)


def _cost(row: Growth, size: str) -> str:
    if size not in row.costs:
        return ""
    first = next(iter(row.costs.values()))
    return f"{amount(row.costs[size], 's')} ({row.costs[size] / first:.3g} times)"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table that can be read as it is, and as Markdown."""
    cells = [tuple(heads), *map(tuple, rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in cells
    ]
    lines.insert(1, "| " + " | ".join("-" * max(width, 3) for width in widths) + " |")
    return "\n".join(line.rstrip() for line in lines) + "\n"
