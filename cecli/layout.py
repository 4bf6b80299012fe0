"""How a text for people is laid out: in the columns that its stream has, wrapped at words."""

from __future__ import annotations

from cecli import TYPE_CHECKING
from cecli.messages import terminal_width

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import IO

WIDEST = 95
"""Columns of a text for people where the stream doesn't say how many it has, and at most."""


def columns(stream: IO[str] | None) -> int:
    """Return how many columns a text on *stream* may take: its terminal's, at most 95."""
    return min(terminal_width(stream, WIDEST), WIDEST)


def wrapped(text: str, width: int, indent: str = "") -> str:
    """Return *text* wrapped at words; the lines after the first are indented."""
    import textwrap  # 1 ms, and few sessions show a text

    return textwrap.fill(
        text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def listing(rows: Sequence[tuple[str, str]], width: int) -> str:
    """Return a line for each name and text, the texts below each other and wrapped at words.

    >>> print(listing([("id", "none"), ("options", "aa bb cc")], 24))
      id       none
      options  aa bb cc
    """
    longest = max((len(name) for name, _ in rows), default=0)
    indent = " " * (longest + 4 if longest else 2)
    if len(indent) > width // 2:  # a narrow terminal: each text below its name
        indent = "    "
        lines = [f"  {name}\n{indent}{text}" if name else f"  {text}" for name, text in rows]
        return "\n".join(
            wrapped(part, width, indent) for line in lines for part in line.split("\n")
        )
    return "\n".join(
        wrapped(f"  {name:{longest}}  {text}" if longest else f"  {text}", width, indent)
        for name, text in rows
    )


def many(count: int, what: str) -> str:
    """Return a count of things.

    >>> many(1, "event"), many(2000, "event")
    ('1 event', '2,000 events')
    """
    return f"{count:,} {what}{'' if count == 1 else 's'}"
