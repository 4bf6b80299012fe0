"""On a package index the README's links lead on, or are no links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hatch_build import published

ROOT = Path(__file__).parents[1]
SOURCE = "https://example.org/cecli"


@pytest.mark.parametrize(
    ("text", "with_source", "without"),
    [
        ("[a](docs/a.md)", f"[a]({SOURCE}/blob/v1.0/docs/a.md)", "a"),
        ("[a\nb](docs/a.md#b)", f"[a\nb]({SOURCE}/blob/v1.0/docs/a.md#b)", "a\nb"),
        ("![a](docs/a.png)", f"![a]({SOURCE}/raw/v1.0/docs/a.png)", "a"),
        (
            "[`a`](a) and [b](b)",
            f"[`a`]({SOURCE}/blob/v1.0/a) and [b]({SOURCE}/blob/v1.0/b)",
            "`a` and b",
        ),
        ("[a](https://example.com/a)", "[a](https://example.com/a)", "[a](https://example.com/a)"),
        ("[a](#below)", "[a](#below)", "[a](#below)"),
        ("a[0](x y)", "a[0](x y)", "a[0](x y)"),
    ],
)
def test_a_link_to_a_file_leads_into_the_source_tree_or_is_its_text(
    text: str, with_source: str, without: str
) -> None:
    assert published(text, SOURCE, "1.0") == with_source
    assert published(text, None, "1.0") == without


def test_the_published_readme_has_the_words_of_the_readme() -> None:
    text = (ROOT / "README.md").read_text()
    links = re.compile(r"\]\([^)]*\)|[\[\]!]")
    assert links.sub("", published(text, None, "1.0")) == links.sub("", text)
