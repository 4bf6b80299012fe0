"""The pages that are rendered from the code are up to date, and it is told if one isn't."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.user import PATIENCE

ROOT = Path(__file__).parents[1]


def render_docs(root: Path, *argv: str) -> tuple[int, list[str]]:
    """Run the tool of a repository; return its exit code and what it printed."""
    ended = subprocess.run(
        [sys.executable, "-B", "-m", "tools.render_docs", *argv],
        cwd=root,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    return ended.returncode, ended.stdout.splitlines()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a repository that has none of the pages that are rendered as a whole."""
    (tmp_path / "tools").mkdir()
    shutil.copytree(ROOT / "docs" / "queries", tmp_path / "docs" / "queries")
    tools = ("__init__", "manual", "queries", "rooms", "render_docs")
    pages = ("README.md", "CONTRIBUTING.md", "docs/posthog.md")
    for name in (*pages, *(f"tools/{tool}.py" for tool in tools)):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def test_every_page_is_as_the_code_says() -> None:
    assert render_docs(ROOT, "--check") == (0, [])


def test_a_check_names_what_differs_and_writes_nothing(copy: Path) -> None:
    before = sorted(copy.rglob("*"))
    code, told = render_docs(copy, "--check")
    assert code == 1
    assert "docs/events.md: differs from the code" in told
    assert sorted(copy.rglob("*")) == before


def test_what_was_written_passes_the_check_until_it_is_changed(copy: Path) -> None:
    code, told = render_docs(copy)
    assert (code, "docs/events.md: written" in told) == (0, True)
    assert render_docs(copy, "--check") == (0, [])
    with (copy / "README.md").open("a") as page:
        page.write("and more\n")
    assert render_docs(copy, "--check") == (0, [])  # only the table in it is rendered
    with (copy / "docs" / "events.md").open("a") as page:
        page.write("and more\n")
    assert render_docs(copy, "--check") == (1, ["docs/events.md: differs from the code"])


def test_an_import_that_is_new_makes_the_drawing_stale(copy: Path) -> None:
    shutil.copytree(ROOT / "cecli", copy / "cecli")
    assert render_docs(copy)[0] == 0
    with (copy / "cecli" / "analytics" / "log.py").open("a") as module:
        module.write("from cecli.analytics import ids\n")
    assert render_docs(copy, "--check") == (1, ["CONTRIBUTING.md: differs from the code"])


def test_a_query_that_is_changed_makes_the_guide_and_the_dashboard_stale(copy: Path) -> None:
    assert render_docs(copy)[0] == 0
    with (copy / "docs" / "queries" / "models.sql").open("a") as query:
        query.write("-- and more\n")
    stale = [f"docs/posthog{end}: differs from the code" for end in (".md", "-dashboard.json")]
    assert render_docs(copy, "--check") == (1, stale)


@pytest.mark.parametrize(
    ("page", "mark"),
    [
        ("README.md", "options"),
        ("CONTRIBUTING.md", "tree"),
        ("CONTRIBUTING.md", "imports"),
        ("docs/posthog.md", "query models"),
    ],
)
def test_a_page_without_its_marks_is_told(copy: Path, page: str, mark: str) -> None:
    path = copy / page
    path.write_text(path.read_text().replace(f"<!-- /{mark} -->", ""))
    before = path.read_text()
    assert render_docs(copy)[0] == 1
    assert path.read_text() == before
