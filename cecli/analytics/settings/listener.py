"""What config files say of the analytics options, kept from the parser that would misread it."""

from __future__ import annotations

import io
import os
import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence, Set

from cecli import TYPE_CHECKING
from cecli.analytics.settings import misspelling
from cecli.analytics.settings.options import name_of

if TYPE_CHECKING:
    from typing import Any

CONTENTS = "method arg"
"""How configargparse calls what a program gives as ``config_file_contents``."""
UNCLEAR = object()
"""Stands for the values of a name that can't be told from each other."""

_SECTION = r"^[ \t]*\[.*$"
_NAME = r"(?<![&*])\b(?P<name>(?:no[-_])?analytics[\w-]{0,40})(?![\w-]|\s*[.\])])"
_EMPTY = r"(?P<empty>[\"']?\s*[:=])(?:\s*(?:null|~))?(?=[ \t\r]*(?:$|[,}#]))"
_NAMES = f"{_SECTION}|{_NAME}(?:{_EMPTY})?"
"""Finds each name of ours, in any format that there is, and whether it has no value.

Passed over are names of sections, anchors of YAML, and what stands for another value in ini.
"""
_AT_START = r"""[\s{"'-]*((?:no[-_])?analytics[\w-]*)(?=["']?\s*[:=]|\s|$)"""
"""Finds a name of ours at the start of a line, in any format that has one line for an option."""
_ESCAPE = r"\\\\|\\(?:x|u00|U000000)((?i:2d|5f|[46][1-9a-f]|[57][0-9a]))"
"""Finds what may stand for a letter of a name: in YAML, in TOML, in JSON."""
_FOLD = r"\\\s*\n\s*"
_MARK = "0cecli{}x"
"""Makes a key of its own of each name, wherever it stands once more."""
_NOTHING = _MARK.format(0)
"""Is the value of a name that has none, for a parser may drop a null."""


class FileSays:
    """What a config file says of our options: for each name, every value that it gives it."""

    def __init__(self, label: str, items: Mapping[str, Sequence[object]], text: str) -> None:
        self.label = label
        """The file's name, as the parser knows it."""
        # Absolute at once: the program may leave this folder before it resolves.
        self.path = None if label == CONTENTS else os.path.abspath(label)
        """Its absolute path; None for what a program hands over as a string."""
        self.items = items
        self.lines = _lines(text) if items else {}
        """The numbers of the lines on which each name stands, where that can be told."""


class ConfigFileListener:
    """A config file parser that keeps the analytics keys of each file to itself.

    Everything else passes through to the parser that it stands before. A parser takes the last of
    two values for a key, in another section perhaps; here each is kept, for an off must not be
    lost.
    """

    def __init__(self, inner: Any, names: frozenset[str]) -> None:
        self._inner = inner
        self._names = names
        self._known: Container[str] = ()
        self.files: list[FileSays] = []
        """What each file says that was read last; the strongest first."""

    def __getattr__(self, name: str) -> Any:
        if name == "_inner":  # a copy that is being made has none yet
            raise AttributeError(name)
        return getattr(self._inner, name)

    def begin(self, known: Container[str]) -> None:
        """Forget the files that were read before; *known* are the parser's options."""
        self._known, self.files = known, []

    def parse(self, stream: Any) -> dict[str, object]:
        """Parse a config file and return its items without those that are ours."""
        label = str(getattr(stream, "name", "config file"))
        text, stream = _look_into(stream)
        ours: dict[str, list[object]] = {}
        others: dict[str, object] = {}
        for key, value in self._inner.parse(stream).items():
            name = name_of(key)
            if self._is_ours(name):
                ours.setdefault(name, []).append(value)
            elif value is not None:
                others[key] = value
        if text:
            self._add_hidden(ours, text, stream)
        plain = text if isinstance(text, str) else text.decode("latin-1")
        self.files.append(FileSays(label, ours, plain or getattr(stream, "text", "")))
        return others

    def _add_hidden(self, ours: dict[str, list[object]], text: str | bytes, like: Any) -> None:
        """Add the values that the parser has dropped: for others of the same name, or as nulls."""
        plain = _plain(text if isinstance(text, str) else text.decode("latin-1"))
        names = list(_names(plain))
        counts = Counter(name for name, _ in names)
        folded = Counter(name for name, _ in _names(re.sub(_FOLD, "", plain))) - counts
        hidden = {
            name
            for name in ours.keys() | folded.keys() | {name for name, empty in names if empty}
            if self._is_ours(name) and (counts + folded)[name] > len(ours.get(name, ()))
        }
        if not hidden:
            return
        found: dict[str, list[object]] = {}
        try:
            items = self._inner.parse(_stream(_marked(plain, hidden), text, like)).items()
        except Exception:  # noqa: BLE001 - a program's own parser may raise what it likes
            unclear = hidden
        else:
            for key, value in items:
                found.setdefault(name_of(_unmarked(key)), []).append(_unmarked(value))
            unclear = hidden & (folded.keys() | ours.keys() - found.keys())
        for name in filter(self._is_ours, found):
            ours.setdefault(name, []).extend(found[name])
        for name in unclear:
            ours.setdefault(name, []).append(UNCLEAR)

    def _is_ours(self, name: str) -> bool:
        """Tell whether a name is an option of ours, or nearly: it may be a misspelt off.

        Or it would pass for one: configargparse makes ``--analytics-lo=x`` of ``analytics-lo`` and
        ``--analytics-log=x=y`` of ``analytics-log=x``, and argparse reads both as --analytics-log
        on the command line.
        """
        return name in self._names or (f"--{name}" not in self._known and misspelling.is_one(name))


def _lines(text: str) -> dict[str, list[int]]:
    """Return the numbers of the lines that begin with each name.

    >>> _lines("# analytics\\nanalytics: true\\n'no_analytics' = 1\\nanalytics:")
    {'analytics': [2, 4], 'no-analytics': [3]}
    """
    found: dict[str, list[int]] = {}
    for number, line in enumerate(_plain(text).split("\n"), 1):
        if match := re.match(_AT_START, line, re.ASCII | re.IGNORECASE):
            found.setdefault(name_of(match[1]), []).append(number)
    return found


def _look_into(stream: Any) -> tuple[str | bytes, Any]:
    """Return what is still to be read from a stream, and a stream from which to read it."""
    if not hasattr(stream, "read"):
        return "", stream  # cecli's own reader opens the file itself, and takes no key twice
    try:
        start = stream.tell()
    except (AttributeError, OSError):  # a pipe, for one
        text = stream.read()
        return text, _stream(text, text, stream)
    try:
        text = stream.read()
    except UnicodeDecodeError:
        text = ""  # the parser says so
    stream.seek(start)
    return text, stream


def _stream(text: str | bytes, kind: str | bytes, like: Any) -> Any:
    """Return a stream of *text*, of the kind and with the name of another."""
    stream: Any
    if isinstance(kind, str):
        stream = io.StringIO(str(text))
    else:
        stream = io.BytesIO(text.encode("latin-1") if isinstance(text, str) else text)
    stream.name = getattr(like, "name", "config file")
    return stream


def _plain(text: str) -> str:
    r"""Return *text* with each letter of a name as itself that may stand there as an escape.

    >>> print(_plain(r'"no\x2danal\u0079tics": "\\x2d"'))
    "no-analytics": "\\x2d"
    """
    return re.sub(_ESCAPE, lambda match: chr(int(match[1], 16)) if match[1] else match[0], text)


def _matches(text: str) -> Iterator[re.Match[str]]:
    return re.finditer(_NAMES, text, flags=re.ASCII | re.IGNORECASE | re.MULTILINE)


def _names(text: str) -> Iterator[tuple[str, bool]]:
    """Yield each name of ours in *text*, and whether it has no value.

    >>> list(_names("[analytics]\\nno_analytics: 1\\nanalytics:\\n"))
    [('no-analytics', False), ('analytics', True)]
    """
    for match in _matches(text):
        if match["name"]:
            yield name_of(match["name"]), match["empty"] is not None


def _marked(text: str, names: Set[str]) -> str:
    """Return *text* with each of the names changed into one that stands there once.

    >>> print(_marked("no-analytics: 1\\nno_analytics:", {"no-analytics"}))
    no-analytics0cecli1x: 1
    no_analytics0cecli2x: 0cecli0x
    """
    parts: list[str] = []
    end = 0
    for number, match in enumerate(_matches(text), 1):
        if match["name"] and name_of(match["name"]) in names:
            parts += text[end : match.end("name")], _MARK.format(number)
            if match["empty"]:
                parts += match["empty"], f" {_NOTHING}"
            end = match.end()
    return "".join([*parts, text[end:]])


def _unmarked(value: Any) -> Any:
    """Return a key or value of a marked text as it was; None for one that was none.

    >>> _unmarked("no-analytics0cecli1x"), _unmarked("0cecli0x"), _unmarked("0cecli0x 'next line'")
    ('no-analytics', None, 'next line')
    """
    if isinstance(value, list):
        return [_unmarked(each) for each in value]
    if not isinstance(value, str):
        return value
    if _NOTHING in value:
        return value.replace(_NOTHING, "").strip("\n '\"") or None
    return re.sub(_MARK.format(r"\d+"), "", value)
