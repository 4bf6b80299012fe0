"""What each source says of our options, as it says it, the strongest source first.

What the values mean, and which of them holds, is :mod:`~cecli.analytics.settings.merge`'s.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence, Set

from cecli import TYPE_CHECKING, places
from cecli.analytics.settings import machine, misspelling, provenance, spelling
from cecli.analytics.settings.hearing import Heard
from cecli.analytics.settings.listener import FileSays
from cecli.analytics.settings.options import BY_NAME, name_of, variable
from cecli.analytics.settings.sources import Source
from cecli.messages import shown
from cecli.named_tuple import NamedTuple

if TYPE_CHECKING:
    from cecli.analytics.settings.sources import Kind


class Layer(NamedTuple):
    """What one source says: option names and raw values, several where it contradicts itself."""

    kind: Kind
    where: str
    """For people: a file, or who else; of variables, what their names begin with."""
    items: Mapping[str, Sequence[object]]
    says: FileSays | None = None
    """The config file, if it is one."""
    doubted: bool = False
    """Whether somebody else may have written the user's own file; an off in it still counts."""

    @property
    def folder(self) -> str | None:
        """Where the config file lies."""
        path = self.says and self.says.path
        return os.path.dirname(path) if path else None

    def source(self, name: str, switch: bool | None = None) -> Source:
        """Return this as the source of an option; a switch's value is named: it is no secret."""
        word = "" if switch is None else str(switch).lower()
        label, lines = "", ""
        if self.kind == "flag":
            text = f"--{name}"
        elif self.kind == "variable":
            label = variable(name, self.where)
            text = f"{label}{word and '=' + word} (environment)"
        else:
            if self.says:
                label, lines = self.says.label, ",".join(map(str, self.says.lines.get(name, ())))
            text = f"{name}{word and ': ' + word} in {self.where}{lines and ':' + lines}"
        return Source(self.kind, text, name, label)


def collect(
    heard: Heard, *, home: str | None, folder: str | None, machine_folder: str
) -> tuple[list[Layer], list[str]]:
    """Return what each source says, and a warning for each file that isn't taken for its owner's.

    Raises:
        ProblemInFile: the machine's own file can't be read.
    """
    prefix = heard.program.prefix
    own = _variables(heard.own_variables, prefix, heard.known)
    layers = [
        Layer("flag", "", _each(heard.typed)),
        Layer("project", "a list in a config file", _each(heard.injected)),
        # What the program has its parser read may be a project's: it can't hide the user's off.
        Layer("variable", prefix, dict(filter(_may_be_off, own.items()))),
        Layer("variable", prefix, _variables(heard.variables, prefix, heard.known)),
    ]
    warnings = []
    projects = [each for each in (folder, places.git_root(folder)) if each] if folder else []
    for says in heard.files:
        if says.path is None:
            layers.append(Layer("project", "config_file_contents", says.items, says))
            continue
        kind, warning = provenance.kind(says.path, heard.named, projects, home)
        if warning and says.items:
            warnings.append(warning)
        layers.append(Layer(kind, shown(says.path, home), says.items, says, warning is not None))
    for says, warning in machine.files(heard.program, machine_folder):
        if not says.items:
            continue
        its: Kind = "project" if warning else "machine"
        items = says.items
        if warning:
            warnings.append(warning)
            items = dict(filter(_may_be_off, items.items()))
        layers.append(Layer(its, shown(str(says.path)), items, says, warning is not None))
    return [*layers, Layer("program", "the program", _each(heard.given))], warnings


def _each(said: Mapping[str, object]) -> dict[str, list[object]]:
    return {name: [value] for name, value in said.items()}


def _may_be_off(said: tuple[str, Sequence[object]]) -> bool:
    """Tell whether an option may switch off: of some sources, nothing else counts."""
    name, values = said
    option = BY_NAME.get(name)
    if option is None:
        return True  # a misspelt off, perhaps
    try:
        return not option.metavar and spelling.is_off(values, option.switches_off)
    except ValueError:
        return True


def _variables(environ: Mapping[str, str], prefix: str, known: Set[str]) -> dict[str, list[object]]:
    """Return what those variables say that are ours, or nearly; an empty one says nothing."""
    said: dict[str, list[object]] = {}
    for each, value in environ.items():
        if each.startswith(prefix) and value != "":
            name = name_of(each[len(prefix) :])
            if name in BY_NAME or (each not in known and misspelling.is_one(name)):
                said.setdefault(name, []).append(value)
    return said
