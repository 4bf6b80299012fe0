"""What is wrong with a package is told: a file, a link, a piece of metadata."""

from __future__ import annotations

from email.message import Message
from pathlib import Path

import pytest

from tools.packages import set_key

checks = pytest.importorskip("tools.check_packages", exc_type=ImportError)


def metadata(text: str) -> Message:
    """Return metadata with a README of this text."""
    made = Message()
    made.set_payload(text)
    return made


def test_a_file_that_is_missing_or_too_much_is_named() -> None:
    problems = checks.differences("a.whl", {"cecli/a.py", "notes.txt"}, {"cecli/a.py", "LICENSE"})
    assert problems == ["a.whl lacks LICENSE", "a.whl has notes.txt too"]


@pytest.mark.parametrize("link", ["docs/a.md", "../a", "/a", "http://example.org/a"])
def test_a_link_that_leads_nowhere_is_named(link: str) -> None:
    assert checks.check_links(metadata(f"See [this]({link})."), None) == [
        f"the README leads to {link!r}"
    ]


def test_a_link_into_the_source_tree_leads_to_a_file_that_there_is() -> None:
    to = "https://example.org/blob/v1/"
    found = metadata(f"[a]({to}LICENSE) [b]({to}README.md#try-it) [c]({to}NONE)")
    assert checks.check_links(found, to) == [f"the README leads to {to}NONE, which there isn't"]
    assert checks.check_links(metadata("[a](https://example.com)"), to)


@pytest.mark.parametrize("key", ["", "phc_", "phx_" + "a1" * 20, "phc_your_project_api_key"])
def test_a_release_has_no_other_key_than_a_projects(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="no project's"):
        set_key(tmp_path, key)
