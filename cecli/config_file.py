"""A strict reader of YAML config files, for configargparse.

It takes a mapping of option names to scalars and lists of scalars, and gives every scalar as the
text that stands in the file: ``010`` stays ``010``, ``no`` stays ``no``. Anything else that YAML
can express, and anything that is no regular text file, is a problem to report and is never half
read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

import configargparse

from cecli import TYPE_CHECKING, files
from cecli.messages import because, cut, shown

if TYPE_CHECKING:
    from typing import Any

LARGEST_FILE = 1_000_000
"""The size in bytes over which a config file isn't read."""

_NULLS = ("", "~", "null", "Null", "NULL")
_OPPOSITE = {"true": "false", "yes": "no", "on": "off", "1": "0"}
_OPPOSITE |= {no: yes for yes, no in _OPPOSITE.items()}


class ConfigFile:
    """A config file by name; :class:`StrictYaml` opens it, and can then say what is wrong.

    One that is written is there wholly or not at all, and for its owner alone: it may hold a key.
    """

    def __init__(self, name: str, mode: str = "r") -> None:
        self.name = name
        self.text = ""
        """What it holds, once it has been read."""
        self._is_written = mode == "w"

    def write(self, text: str) -> None:
        """Add text to what it will hold."""
        self.text += text

    def __enter__(self) -> ConfigFile:
        return self

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        """Put it in its place, if all of it has come.

        Raises:
            OSError: that failed.
        """
        if self._is_written and error is None:
            path = os.path.realpath(os.path.expanduser(self.name))
            files.replace(path, self.text.encode("utf-8"))


class StrictYaml(configargparse.ConfigFileParser):  # type: ignore[misc]
    """The config file parser; collects problems, so that all of them can be shown at once."""

    def __init__(self) -> None:
        super().__init__()
        self.problems: list[str] = []
        self.keys: list[tuple[str, str]] = []
        """The path and the key of each setting read."""

    def __call__(self) -> StrictYaml:
        """Return itself: configargparse before 1.8 takes a class and calls it."""
        return self

    def get_syntax_description(self) -> str:
        """Return the sentence that configargparse shows in its help."""
        return "Config files are YAML: a line for each option, as in 'analytics: false'."

    def serialize(self, items: Mapping[str, object]) -> str:
        """Return a text that :meth:`parse` reads as these items; a boolean is true or false.

        Raises:
            ValueError: a value is more than one word or a list of them.
        """
        import yaml  # 18 ms, and few write a file

        written = {name: _written(name, value) for name, value in items.items()}
        return str(yaml.safe_dump(written, sort_keys=False, width=10_000) if written else "")

    def parse(self, stream: Any) -> dict[str, str | list[str] | None]:
        """Read a :class:`ConfigFile`, or a stream of text; a null is None.

        One with a problem holds nothing.
        """
        try:
            if isinstance(stream, ConfigFile):
                stream.text = text = _text(stream.name)
            else:
                text = stream.read()
            items = dict(_items(text))
        except ProblemInFile as problem:
            self.problems.append(f"config file {shown(stream.name)}: {problem}")
            return {}
        self.keys.extend((stream.name, key) for key in items)
        return items


def opposite(value: Any) -> Any:
    """Return the opposite of a switch's value in a file; any other value stays as it is.

    >>> opposite("True"), opposite("off"), opposite("maybe")
    ('false', 'on', 'maybe')
    """
    return _OPPOSITE.get(str(value).lower(), value)


def _written(name: str, value: object, *, in_list: bool = False) -> str | list[str]:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple) and not in_list:
        return [str(_written(name, each, in_list=True)) for each in value]
    if isinstance(value, list | tuple | dict | set):
        raise ValueError(f"{name}: one word or a list of words was expected, for a config file")  # noqa: TRY004
    try:
        str(value).encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{name}: it holds a character that no config file can hold") from error
    return str(value)


class ProblemInFile(Exception):
    """A config file can't be read; the message says why."""


def _text(path: str) -> str:
    try:
        raw = files.read(path, LARGEST_FILE + 1, follow=True)
    except (OSError, ValueError) as error:
        raise ProblemInFile(because(error)) from error
    if len(raw) > LARGEST_FILE:
        raise ProblemInFile(f"is larger than {LARGEST_FILE:,} bytes")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ProblemInFile(f"line {line}: is not UTF-8") from error


def _items(text: str) -> Iterator[tuple[str, str | list[str] | None]]:
    """Yield each option's name and text, list of texts, or None for a null.

    Works on the parser's events and stops at the first that is more than such a mapping needs,
    so neither aliases nor nesting can grow.
    """
    import yaml  # 18 ms, and only those who have a config file need it

    events = yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    names: set[str] = set()
    try:
        next(events)  # the stream's start
        if isinstance(next(events), yaml.StreamEndEvent):
            return
        start = next(events)
        if isinstance(start, yaml.ScalarEvent) and _scalar(start) is None:
            next(events)  # the document's end
            _expect(next(events), yaml.StreamEndEvent)
            return
        _expect(start, yaml.MappingStartEvent)
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            _expect(event, yaml.ScalarEvent)
            name = (_scalar(event) or "").lstrip("-").replace("_", "-")
            if not name:
                raise ProblemInFile(f"{_line(event)}: an option's name is missing")
            if name in names:
                raise ProblemInFile(f"{_line(event)}: {cut(name)!a} is given twice")
            names.add(name)
            yield name, _value(next(events), events)
        next(events)  # the document's end
        _expect(next(events), yaml.StreamEndEvent)
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise ProblemInFile(f"{line}is no valid YAML: {cut(str(error.problem))}") from error
    except yaml.YAMLError as error:
        raise ProblemInFile("holds a character that YAML doesn't allow") from error


def _value(event: Any, events: Iterator[Any]) -> str | list[str] | None:
    import yaml

    if not isinstance(event, yaml.SequenceStartEvent):
        _expect(event, yaml.ScalarEvent)
        return _scalar(event)
    _expect(event, yaml.SequenceStartEvent)
    values = []
    while not isinstance(event := next(events), yaml.SequenceEndEvent):
        _expect(event, yaml.ScalarEvent)
        values.append(_scalar(event) or "")
    return values


def _scalar(event: Any) -> str | None:
    """Return a scalar's text, or None for a null. A quoted scalar is never a null."""
    if event.implicit[0] and event.value in _NULLS:
        return None
    return str(event.value)


def _expect(event: Any, kind: type) -> None:
    import yaml

    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise ProblemInFile(f"{_line(event)}: anchors and aliases aren't supported")
    if getattr(event, "tag", None):
        raise ProblemInFile(f"{_line(event)}: tags aren't supported")
    if not isinstance(event, kind):
        raise ProblemInFile(
            f"{_line(event)}: expected 'option: value', where a value is one word or a list of them"
        )


def _line(event: Any) -> str:
    return f"line {event.start_mark.line + 1}"
