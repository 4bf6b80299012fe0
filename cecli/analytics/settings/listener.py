"""What config files say of the analytics options, kept from the parser that would misread it."""

from __future__ import annotations

import argparse
import io
import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from cecli import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

_SECTION = r"^[ \t]*\[.*$"
_NAME = r"(?<![&*])\b(?P<name>(?:no[-_])?analytics)(?P<rest>[\w-]{0,40})(?![\w-]|\s*[.\])])"
_MARK = "0cecli{}x"
"""Makes a key of its own of each name of ours, in any format that there is.

Left as they are: names of sections, anchors of YAML, and what stands for another value in ini."""


class ConfigFileListener:
    """A config file parser that keeps the analytics keys of each file to itself.

    Everything else passes through to the parser that it stands before. A parser takes the last of
    two values for a key, in another section perhaps; here each is kept, for an off must not be
    lost.
    """

    def __init__(self, parser: argparse.ArgumentParser, inner: Any, names: frozenset[str]) -> None:
        self._parser = parser
        self._inner = inner
        self._names = names
        self._run: object = None
        self._files: list[tuple[str, Mapping[str, Sequence[object]]]] = []

    def __getattr__(self, name: str) -> Any:
        if name == "_inner":  # a copy that is being made has none yet
            raise AttributeError(name)
        return getattr(self._inner, name)

    def parse(self, stream: Any) -> dict[str, object]:
        """Parse a config file and return its items without those that are ours."""
        if self._run is not self._current_run():
            self._run, self._files = self._current_run(), []
        # Absolute at once: the program may leave this folder before it resolves.
        path = os.path.abspath(str(getattr(stream, "name", "config file")))
        text, stream = _look_into(stream)
        ours: dict[str, list[object]] = {}
        others: dict[str, object] = {}
        for key, value in self._inner.parse(stream).items():
            name = _name(key)
            if self._is_ours(name):
                ours.setdefault(name, []).append(value)
            elif value is not None:
                others[key] = value
        if ours:
            self._add_overridden(ours, text, stream)
        self._files.append((path, ours))
        return others

    def files(self) -> list[tuple[str, Mapping[str, Sequence[object]]]]:
        """Return the path of each file that was read last, and what it says; the strongest first.

        For each name there is every value that the file gives it.
        """
        return list(self._files) if self._run is self._current_run() else []

    def _add_overridden(self, ours: dict[str, list[object]], text: str | bytes, like: Any) -> None:
        """Add the values that the parser has dropped for others of the same name."""
        marked, names = _marked(text if isinstance(text, str) else text.decode("latin-1"))
        counts = Counter(names)
        hidden = {name for name, values in ours.items() if counts[name] > len(values)}
        if not hidden:
            return
        try:
            items = self._inner.parse(_stream(marked, text, like)).items()
        except Exception:  # noqa: BLE001 - a program's own parser may raise what it likes
            items = ()
        found: dict[str, list[object]] = {}
        for key, value in items:
            found.setdefault(_name(_unmarked(key)), []).append(_unmarked(value))
        for name in filter(self._is_ours, found):
            ours.setdefault(name, []).extend(found[name])
        for name in hidden - found.keys():
            ours[name].append([])  # which values there are can't be told; nobody takes a list

    def _current_run(self) -> object:
        """Return what configargparse makes anew each time that it parses."""
        return getattr(self._parser, "_source_to_settings", None)

    def _is_ours(self, name: str) -> bool:
        """Tell whether a name is an option of ours, or would pass for one.

        configargparse makes ``--analytics-lo=x`` of the key ``analytics-lo`` and
        ``--analytics-log=x=y`` of ``analytics-log=x``, and argparse reads both as --analytics-log
        on the command line.
        """
        known = self._parser._option_string_actions
        return name in self._names or (
            f"--{name}" not in known and name.startswith(("analytics", "no-analytics"))
        )


def _name(key: object) -> str:
    """Return the name of an option as a config file may spell it.

    >>> _name("--No_Analytics")
    'no-analytics'
    """
    return str(key).lstrip("-").replace("_", "-").lower()


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


def _marked(text: str) -> tuple[str, list[str]]:
    """Return *text* with each name of ours changed into one that stands there once, and the names.

    >>> _marked("[analytics]\\nno-analytics: 1\\nno_analytics: 0\\n")[0].split("\\n")[1:3]
    ['no-analytics0cecli1x: 1', 'no_analytics0cecli2x: 0']
    """
    names: list[str] = []

    def mark(match: re.Match[str]) -> str:
        if match["name"] is None:
            return match[0]
        names.append(_name(match[0]))
        return match["name"] + _MARK.format(len(names)) + match["rest"]

    flags = re.ASCII | re.IGNORECASE | re.MULTILINE
    return re.sub(f"{_SECTION}|{_NAME}", mark, text, flags=flags), names


def _unmarked(value: Any) -> Any:
    if isinstance(value, list):
        return [_unmarked(each) for each in value]
    return re.sub(_MARK.format(r"\d+"), "", value) if isinstance(value, str) else value
