"""The page's charts, as SVG without script or style of its own, drawn by pygal.

Colours and fonts are the page's: :file:`template/page.css` names the classes that pygal gives.
Needs the extra ``cecli[view]``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pygal
from pygal.style import Style

from cecli.analytics.inspection.view.report import dollars
from cecli.analytics.inspection.view.summary import Summary
from cecli.analytics.inspection.view.sums import Usage
from cecli.analytics.inspection.view.tally import Tally
from cecli.messages import printable

SHOWN_DAYS, SHOWN_MODELS, SHOWN_BARS = 31, 6, 10
OTHERS = "other models"
_WIDTH, _HEIGHT, _BAR = 420, 260, 26
_LABELS = 7
"""Days that are named below a chart."""
_STYLE = Style(label_font_size=12, major_label_font_size=12, value_font_size=12)


class Chart(NamedTuple):
    """A chart with its numbers in words, for those who don't see it or want them exactly."""

    title: str
    svg: str
    legend: list[str]
    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    note: str = ""


def charts(summary: Summary) -> list[Chart]:
    """Return the charts of which there are numbers."""
    failures = Tally()
    for tally in summary.errors.values():
        for kind, count in tally.items():
            failures.add(kind, count)
        failures.others += tally.others
    messages = Tally()
    for name, used in summary.models.items():
        messages.add(name, used.messages)
    found = [
        _by_day(
            "Tokens by day and model", summary, lambda used: used.tokens, lambda n: f"{n:,.0f}"
        ),
        _by_day("Cost by day and model", summary, lambda used: used.cost, dollars),
        _bars("Messages by model", "model", messages),
        _bars("Events", "event", summary.events),
        _bars("Commands", "command", summary.commands),
        _bars("Failures and crashes", "kind", failures),
    ]
    return [chart for chart in found if chart]


def _by_day(
    title: str, summary: Summary, value: Callable[[Usage], float], told: Callable[[float], str]
) -> Chart | None:
    # By tokens in each chart, so that a model has one colour.
    ranked = sorted(summary.models.items(), key=lambda item: (-item[1].tokens, item[0]))
    models = [name for name, _ in ranked[:SHOWN_MODELS]]
    days = sorted(each for each in summary.days.items() if each[1].models)
    days, left = days[-SHOWN_DAYS:], len(days) - SHOWN_DAYS
    if not any(value(used) for used in summary.models.values()):
        return None
    columns = {name: [0.0] * len(days) for name in models}
    for number, (_, day) in enumerate(days):
        for name, used in day.models.items():
            key = name if name in columns else OTHERS
            columns.setdefault(key, [0.0] * len(days))[number] += value(used)
    axis = dollars if told is dollars else compact
    chart = pygal.StackedBar(**_settings(axis), truncate_label=-1)
    names = [name for name, _ in days]
    chart.x_labels = [name[5:] for name in names]
    step = -(-len(names) // _LABELS)
    chart.x_labels_major = [name[5:] for name in names[::step]]
    chart.show_minor_x_labels = False
    for model, column in columns.items():
        chart.add(
            "",
            [
                {"value": amount, "tooltip": f"{printable(model)}, {name}: {told(amount)}"}
                for name, amount in zip(names, column, strict=True)
            ],
        )
    rows = [
        (name, *(told(column[number]) for column in columns.values()))
        for number, name in enumerate(names)
    ]
    legend = [printable(name) for name in columns]
    note = f"The last {SHOWN_DAYS} of {SHOWN_DAYS + left:,} days with messages." if left > 0 else ""
    return Chart(title, _svg(chart, title), legend, ("day", *legend), rows, note)


def _bars(title: str, head: str, tally: Tally) -> Chart | None:
    ranked = [(printable(name), count) for name, count in tally.ranked()]
    shown = ranked[:SHOWN_BARS]
    if not shown:
        return None
    sizes = {"height": _BAR * len(shown) + 24, "margin_right": 56}
    chart = pygal.HorizontalBar(
        **{**_settings(_counted), **sizes},
        print_zeroes=False,
        print_values=True,
        print_values_position="top",
        truncate_label=24,
        show_x_labels=False,
        show_x_guides=False,
    )
    chart.x_labels = [name for name, _ in reversed(shown)]
    chart.add(
        "",
        [{"value": count, "tooltip": f"{name}: {count:,}"} for name, count in reversed(shown)],
    )
    left = len(ranked) - len(shown)
    note = f"The {SHOWN_BARS} most frequent; {left:,} more are in the table." if left > 0 else ""
    rows = [(name, f"{count:,}") for name, count in ranked[:200]]
    if tally.others:
        rows.append(("(others)", f"{tally.others:,}"))
    return Chart(title, _svg(chart, title), [], (head, "times"), rows, note)


def _settings(told: Callable[[float], str]) -> dict[str, Any]:
    return {
        "width": _WIDTH,
        "height": _HEIGHT,
        "style": _STYLE,
        "show_legend": False,
        "js": (),
        "css": (),
        "no_data_text": "",
        "value_formatter": told,
        "margin": 8,
        "spacing": 6,
        "max_scale": 5,
        "min_scale": 2,
        "include_x_axis": True,
        "rounded_bars": 2,
        "no_prefix": True,
    }


def _svg(chart: Any, title: str) -> str:
    """Return the chart's picture; its own styles and scripts are left out, and so are its ids."""
    root = ElementTree.fromstring(chart.render())  # whichever library pygal has made it with
    for each in list(root.iter()):
        each.tag = each.tag.rpartition("}")[2]
        for child in list(each):
            if child.tag.rpartition("}")[2] in _LEFT_OUT:
                each.remove(child)
        for name in ("id", "style"):
            each.attrib.pop(name, None)
    if (first := root.find("title")) is not None:
        root.remove(first)
    root.attrib |= {"role": "img", "aria-label": f"{title}; the numbers follow as a table"}
    return ElementTree.tostring(root, encoding="unicode")


_LEFT_OUT = ("defs", "script", "style", "desc")


def _counted(number: float) -> str:
    return f"{number:,.0f}"


def compact(number: float) -> str:
    """Return a number as an axis shows it.

    >>> compact(12), compact(1500), compact(2_000_000), compact(0.5)
    ('12', '1.5k', '2M', '0.5')
    """
    for size, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= size:
            return f"{number / size:.3g}{unit}"
    return f"{number:.3g}"
