"""Links from one document to another lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("examples/**/*.md")])


def links(text: str) -> list[str]:
    """Return where the links and pictures of a page lead, but for those to the web.

    >>> links("[a](b.md#c), ![d](e.png)\\n[f]: g.md\\n[h](https://example.com)")
    ['b.md#c', 'e.png', 'g.md']
    """
    found = re.findall(r"\]\(([^)\s]+)\)|^\[[^]]+\]: (\S+)", text, re.MULTILINE)
    return [a or b for a, b in found if not re.match(r"\w+:", a or b)]


def headings(text: str) -> set[str]:
    """Return the names by which links can lead to the headings of a page.

    >>> sorted(headings("# In and out\\n## What's `new`?"))
    ['in-and-out', 'whats-new']
    """
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_link_leads_to_a_file_and_a_heading_in_it(page: Path) -> None:
    for link in links(page.read_text(encoding="utf-8")):
        path, _, heading = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        if heading:
            assert heading in headings(target.read_text(encoding="utf-8")), link


def test_there_are_links_to_follow() -> None:
    assert any(links(page.read_text(encoding="utf-8")) for page in PAGES)
