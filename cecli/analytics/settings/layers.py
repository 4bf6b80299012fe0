"""What each source says of our options, as it says it, the strongest source first.

Reads the sources: the command line, the environment, the files that the parser has read. What the
values mean, and which of them holds, is :mod:`~cecli.analytics.settings.merge`'s.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from cecli import places
from cecli.analytics.settings import provenance
from cecli.analytics.settings.command_line import Typed
from cecli.analytics.settings.listener import ConfigFileListener
from cecli.analytics.settings.options import OPTIONS
from cecli.analytics.settings.sources import Kind, Source
from cecli.messages import shown


class Layer(NamedTuple):
    """What one source says: option names and raw values, several where it contradicts itself."""

    kind: Kind
    where: str
    items: Mapping[str, Sequence[object]]
    folder: str | None = None
    """Of a config file: where it lies."""
    doubted: bool = False
    """Whether somebody else may have written the user's own file; an off in it still counts."""

    def source(self, name: str, switch: bool | None = None) -> Source:
        """Return this as the source of an option; a switch's value is named: it is no secret."""
        word = "" if switch is None else str(switch).lower()
        if self.kind == "flag":
            return Source(self.kind, f"--{name}")
        if self.kind == "variable":
            variable = "CECLI_" + name.replace("-", "_").upper()  # also of what isn't an option
            return Source(self.kind, f"{variable}{word and '=' + word} (environment)")
        return Source(self.kind, f"{name}{word and ': ' + word} in {self.where}")


def collect(
    namespace: argparse.Namespace,
    parser: argparse.ArgumentParser,
    typed: Iterable[Typed],
    *,
    environ: Mapping[str, str],
    home: str | None,
    folder: str | None,
) -> tuple[list[Layer], list[str]]:
    """Return what each source says, and a warning for each file that isn't taken for the user's.

    Raises:
        TypeError: :func:`~cecli.analytics.add_arguments` was not called on *parser*.
    """
    listener = getattr(parser, "_config_file_parser", None)
    if not isinstance(listener, ConfigFileListener):
        raise TypeError("resolve needs the parser that add_arguments was called on")
    layers = [*_spoken(namespace, typed), Layer("variable", "", _variables(environ))]
    warnings = []
    named = {os.path.abspath(os.path.expanduser(name)) for name in _named(parser, typed, environ)}
    projects = [each for each in (folder, places.git_root(folder)) if each] if folder else []
    for path, items in listener.files():
        kind, warning = provenance.kind(path, named, projects, home)
        if warning and items:
            warnings.append(warning)
        lies_in = os.path.dirname(path)
        layers.append(Layer(kind, shown(path, home), items, lies_in, warning is not None))
    return layers, warnings


def _spoken(namespace: argparse.Namespace, typed: Iterable[Typed]) -> tuple[Layer, Layer]:
    """Return what the command line says, and what the namespace holds beside that.

    The latter comes from a list in a config file, or from the program itself: it is trusted as
    little as a project.
    """
    words = {
        option.name: [each.value]
        for each in typed
        for option in OPTIONS
        if f"--{option.name}" in each.action.option_strings
    }
    parsed = {
        option.name: [value]
        for option in OPTIONS
        if (value := getattr(namespace, option.dest, None)) is not None
    }
    flags = {name: value for name, value in parsed.items() if words.get(name) == value}
    others = {name: value for name, value in parsed.items() if name not in flags}
    return Layer("flag", "", flags), Layer("project", "the program", others)


def _variables(environ: Mapping[str, str]) -> dict[str, list[object]]:
    said: dict[str, list[object]] = {}
    for name, value in environ.items():
        if name.startswith(("CECLI_ANALYTIC", "CECLI_NO_ANALYTIC")) and value != "":
            said.setdefault(name[len("CECLI_") :].lower().replace("_", "-"), []).append(value)
    return said


def _named(
    parser: argparse.ArgumentParser, typed: Iterable[Typed], environ: Mapping[str, str]
) -> Iterable[str]:
    """Yield the config files that the user has named, on the command line or by a variable."""
    words = {each.action: each.value for each in typed}
    for action in parser._actions:
        if getattr(action, "is_config_file_arg", False):
            variable = getattr(action, "env_var", None) or ""
            if name := words.get(action) or environ.get(variable):
                yield str(name)
