"""The charts load nothing and run nothing."""

from __future__ import annotations

import re

import pytest

from benchmarks import chart
from benchmarks.results import Growth

CHARTS = {
    "session": chart.session({"cecli": 0.012, "the SDK": 0.15}),
    "growth": chart.growth([Growth("a session", {"empty": 0.04, "100": 0.05})], ["empty", "100"]),
}


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_holds_no_script_and_loads_nothing(name: str) -> None:
    text = CHARTS[name].decode()
    assert "<script" not in text
    assert not re.search(r"(?:href|src)=['\"]?http|@import|url\(http", text)


def test_the_bars_have_their_names_and_milliseconds() -> None:
    text = CHARTS["session"].decode()
    for word in ("cecli", "the SDK", "12", "150"):
        assert f">{word}<" in text


def test_the_lines_have_their_names_and_sizes() -> None:
    text = CHARTS["growth"].decode()
    for word in ("a session", "empty", "100"):
        assert f">{word}<" in text
