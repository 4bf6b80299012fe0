"""The charts beside RESULTS.md, drawn by pygal: no script in them, and nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pygal
from pygal.style import Style

from benchmarks.report import amount
from benchmarks.results import Growth

_STYLE = Style(
    background="#ffffff",
    plot_background="#ffffff",
    foreground="#333333",
    foreground_strong="#111111",
    foreground_subtle="#777777",
    font_family="sans-serif",
    label_font_size=14,
    major_label_font_size=14,
    value_font_size=14,
    legend_font_size=14,
    title_font_size=16,
    colors=("#33658a", "#c1440e", "#3b7a57", "#8a5a83"),
)


def session(added: Mapping[str, float]) -> bytes:
    """Draw the seconds that each adds to a bare program, as bars."""
    chart = pygal.HorizontalBar(
        **_settings(height=90 + 50 * len(added)),
        title="What ten events add to a bare program, in ms",
        show_legend=False,
        print_values=True,
        print_values_position="top",
        value_formatter=lambda value: f"{value:.3g}",
        margin_right=60,
    )
    ranked = sorted(added.items(), key=lambda item: -item[1])
    chart.x_labels = [name for name, _ in ranked]
    chart.add("", [seconds * 1e3 for _, seconds in ranked])
    return _picture(chart)


def growth(rows: Sequence[Growth], sizes: Sequence[str]) -> bytes:
    """Draw how many times as much each costs as with the first of some sizes, as lines."""
    chart = pygal.Line(
        **_settings(height=360),
        title="Times the cost with an empty queue",
        logarithmic=True,
        legend_at_bottom=True,
        legend_at_bottom_columns=2,
        y_labels=(1, 2, 5, 10, 20, 50, 100),
        margin_right=60,
        value_formatter=lambda value: f"{value:.3g}",
    )
    chart.x_labels = list(sizes)
    for row in rows:
        first = row.costs[sizes[0]]
        points = [
            {"value": row.costs[size] / first, "label": amount(row.costs[size], "s")}
            for size in sizes
        ]
        chart.add(row.what.replace("`", ""), points)
    return _picture(chart)


def _picture(chart: Any) -> bytes:
    drawn: bytes = chart.render()
    return re.sub(rb"<script.*?</script>", b"", drawn, flags=re.DOTALL)


def _settings(height: int) -> dict[str, object]:
    return {
        "width": 720,
        "height": height,
        "style": _STYLE,
        "js": (),
        "no_prefix": True,
        "truncate_label": -1,
    }
