"""The README as a package index shows it, where nobody has the files that its links name.

A link to a file leads to that file in the source tree, at the tag of the version, if the packages
name a source tree (``Source`` in pyproject.toml); else its text alone stays.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"(?P<image>!?)\[(?P<text>[^\]]*)\]\((?!https?://|#)(?P<path>[^)\s]+)\)")
"""A link or an image of Markdown whose target is a file beside the README."""


class CustomMetadataHook(MetadataHookInterface):
    """Gives the packages their README."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the README, by the version and the URLs that are known by now."""
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        source = metadata.get("urls", {}).get("Source")
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": published(text, source and source.rstrip("/"), metadata["version"]),
        }


def published(text: str, source: str | None, version: str) -> str:
    """Return a text in Markdown in which every link to a file can be followed from anywhere.

    Args:
        text: the text of a page at the root of the source tree.
        source: the URL of the source tree, without a final slash; files stand below it as GitHub
            and GitLab have them: ``/blob/TAG/PATH``, and ``/raw/TAG/PATH`` for images.
        version: the version whose tag is meant.

    >>> published("See [the guide](docs/guide.md#start).", "https://example.org/cecli", "1.0")
    'See [the guide](https://example.org/cecli/blob/v1.0/docs/guide.md#start).'
    >>> published("See [the guide](docs/guide.md).", None, "1.0")
    'See the guide.'
    """

    def replaced(link: re.Match[str]) -> str:
        if source is None:
            return link["text"]
        kind = "raw" if link["image"] else "blob"
        return f"{link['image']}[{link['text']}]({source}/{kind}/v{version}/{link['path']})"

    return _LINK.sub(replaced, text)
