"""The results can be read on a terminal and as a page, ratios first."""

from __future__ import annotations

from benchmarks import ground, report
from benchmarks.ratio import Ratio
from benchmarks.results import Bound, Figure, Growth, Part
from tools.render_docs import renewed

PARTS = [
    Part(
        "A session",
        bounds=(Bound("ours to theirs", Ratio(0.0421, 0.04, 0.05), 1 / 8, "It sends nothing."),),
        figures=(Figure("ours", 0.0123, "s"), Figure("memory", 98.3e6, "B")),
        quoted=("A session adds 1/24.",),
    ),
    Part(
        "A queue",
        growth=(
            Growth("a session", {"empty": 0.04, "100": 0.041}),
            Growth("an event", {"empty": 2e-6, "100": 2e-6, "full": 3e-6}),
        ),
    ),
]
PAGE = report.page(PARTS, {"processor": "a fast one", "compared in": "Python 3.12"}, "2026-01-01")


def cells(text: str) -> list[list[str]]:
    """Return the cells of all tables in a text."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_summary_has_each_bound_with_its_ratio_and_noise() -> None:
    row = ["A session", "ours to theirs", "0.0421 (0.04 to 0.05)", "0.125", "kept"]
    assert row in cells(report.summary(PARTS))


def test_the_page_names_the_machine_the_versions_and_the_date() -> None:
    assert ["processor", "a fast one"] in cells(PAGE)
    assert ["compared in", "Python 3.12"] in cells(PAGE)
    assert "2026-01-01" in PAGE


def test_the_page_gives_a_reason_for_each_bound() -> None:
    row = ["ours to theirs", "0.0421 (0.04 to 0.05)", "0.125", "kept", "It sends nothing."]
    assert row in cells(PAGE)


def test_the_page_has_ratios_before_absolute_figures() -> None:
    order = ["0.0421", "40 ms", "12.3 ms"]
    assert sorted(order, key=PAGE.index) == order


def test_the_page_has_absolute_figures_with_their_unit() -> None:
    assert ["ours", "12.3 ms"] in cells(PAGE)
    assert ["memory", "98.3 MB"] in cells(PAGE)


def test_growth_stands_beside_the_first_size() -> None:
    assert ["", "empty", "100", "full"] in cells(PAGE)
    assert ["a session", "40 ms (1 times)", "41 ms (1.02 times)", ""] in cells(PAGE)
    assert ["an event", "2 µs (1 times)", "2 µs (1 times)", "3 µs (1.5 times)"] in cells(PAGE)


def test_the_lines_for_the_readme_have_their_place_and_link_to_all_figures() -> None:
    readme = (ground.ROOT / "README.md").read_text(encoding="utf-8")
    quoted = renewed("README.md", readme, "figures", report.quoted(PARTS), by="make bench")
    assert "(benchmarks/RESULTS.md)" in quoted
    assert "- A session adds 1/24.\n" in quoted
