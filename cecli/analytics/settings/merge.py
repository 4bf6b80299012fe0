"""What the user set, merged from the command line, the environment and the config files.

The one place that knows which source is stronger, and what a file that came with a project may
decide. Behind it nothing sees an argparse namespace.
"""

import argparse
import os
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from cecli import places
from cecli.analytics.destination import Destination
from cecli.analytics.facts.options_used import OptionUse
from cecli.analytics.program import DEFAULT_HOST, PROJECT_API_KEY
from cecli.analytics.settings import command_line, provenance
from cecli.analytics.settings import spelling as values
from cecli.analytics.settings.listener import ConfigFileListener
from cecli.analytics.settings.options import BY_NAME, OPTIONS
from cecli.analytics.settings.sources import Place, Source, Switch, Text
from cecli.messages import LONGEST, shown


class InvalidSettings(Exception):
    """Something that was set can't be read."""

    def __init__(self, problems: list[str], disable: Source | None = None) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
        """A sentence for each."""
        self.disable = disable
        """Who of command line and environment wants analytics disabled all the same."""


class Settings(NamedTuple):
    """What was set, each value with its source; None where nothing was."""

    analytics: Switch | None = None
    disable: Source | None = None
    """Who wants analytics disabled; a source other than a project's where there is one."""
    log: Text | None = None
    """The absolute path of the log in a session that is on."""
    own_log: Text | None = None
    """The one in any other session: the strongest that no project has named."""
    destination: Destination = Destination(DEFAULT_HOST, PROJECT_API_KEY)
    destination_set_by: tuple[Source, ...] = ()
    """Who named the host and the key, if not the default."""
    uses: tuple[OptionUse, ...] = ()
    """The analytics options that variables and files set."""
    warnings: tuple[str, ...] = ()
    """What was ignored, and why."""


class _Layer(NamedTuple):
    """What one source says: option names and raw values, several where it contradicts itself."""

    place: Place
    where: str
    items: Mapping[str, Sequence[object]]
    folder: str | None = None
    """Of a config file: where it lies."""
    doubted: bool = False
    """Whether somebody else may have written the user's own file; an off in it still counts."""

    def source(self, name: str, switch: bool | None = None) -> Source:
        """Return the source of an option here; of a switch with its value, which is no secret."""
        word = "" if switch is None else str(switch).lower()
        if self.place == "flag":
            return Source(self.place, f"--{name}")
        if self.place == "variable":
            variable = "CECLI_" + name.replace("-", "_").upper()  # also of what isn't an option
            return Source(self.place, f"{variable}{word and '=' + word} (environment)")
        return Source(self.place, f"{name}{word and ': ' + word} in {self.where}")


def read(
    namespace: argparse.Namespace,
    parser: argparse.ArgumentParser,
    *,
    environ: Mapping[str, str],
    home: str | None,
    folder: str | None,
) -> Settings:
    """Merge what a parser with our options has parsed, for a user at *home* in *folder*.

    Raises:
        InvalidSettings: with every problem there is.
        TypeError: :func:`~cecli.analytics.add_arguments` was not called on *parser*.
    """
    warnings: list[str] = []
    layers = _layers(namespace, parser, environ, home, folder, warnings)
    switches: list[dict[str, Switch]] = []
    texts: dict[str, list[tuple[Text, str | None]]] = {option.name: [] for option in OPTIONS}
    problems: list[str] = []
    for layer in layers:
        switches.append({})
        for name, raws in layer.items.items():
            option = BY_NAME.get(name)
            try:
                if option is None:
                    problems.append(_unknown(layer, name))
                elif raws == [None] and not option.switches_off:
                    continue  # a null says nothing
                elif option.metavar:
                    text = values.text(raws, option.read)
                    texts[name].append((Text(text, layer.source(name)), layer.folder))
                else:
                    on = values.switch(raws, off=option.switches_off)
                    source = layer.source(name, on)
                    if layer.doubted and on == option.switches_off and name != "analytics-disable":
                        source = source._replace(place="home")
                    switches[-1][name] = Switch(on, source)
            except ValueError as error:
                problems.append(f"{layer.source(name).text}: {error}")
    disable = _disable(switches)
    if problems:
        heeded = disable is not None and disable.place in ("flag", "variable")
        raise InvalidSettings(problems, disable if heeded else None)

    hosts = [text for text, _ in texts["analytics-posthog-host"][:1]]
    keys = [text for text, _ in texts["analytics-posthog-project-api-key"][:1]]
    logs = _logs(texts["analytics-log"], home, folder, warnings)
    return Settings(
        analytics=_analytics(switches, warnings),
        disable=disable,
        log=logs[0] if logs else None,
        own_log=next((log for log in logs if log.source.place != "project"), None),
        destination=Destination(
            hosts[0].value if hosts else DEFAULT_HOST, keys[0].value if keys else PROJECT_API_KEY
        ),
        destination_set_by=tuple(text.source for text in hosts + keys),
        uses=tuple(
            OptionUse(name, "variable" if layer.place == "variable" else "file")
            for layer in layers
            if layer.place != "flag"
            for name in layer.items
        ),
        warnings=tuple(warnings),
    )


def _layers(
    namespace: argparse.Namespace,
    parser: argparse.ArgumentParser,
    environ: Mapping[str, str],
    home: str | None,
    folder: str | None,
    warnings: list[str],
) -> list[_Layer]:
    """Return what each source says, the strongest first."""
    listener = getattr(parser, "_config_file_parser", None)
    if not isinstance(listener, ConfigFileListener):
        raise TypeError("resolve needs the parser that add_arguments was called on")
    parsed = {
        option.name: [value]
        for option in OPTIONS
        if (value := getattr(namespace, option.dest, None)) is not None
    }
    naming = [a for a in parser._actions if getattr(a, "is_config_file_arg", False)]
    dests = {action.dest for action in naming} | {option.dest for option in OPTIONS}
    typed = vars(command_line.typed(parser, frozenset(dests)))
    flags = {name: v for name, v in parsed.items() if [typed.get(BY_NAME[name].dest)] == v}
    variables: dict[str, list[object]] = {}
    for name, value in environ.items():
        if name.startswith(("CECLI_ANALYTIC", "CECLI_NO_ANALYTIC")) and value != "":
            option = name[len("CECLI_") :].lower().replace("_", "-")
            variables.setdefault(option, []).append(value)
    layers = [
        _Layer("flag", "", flags),
        # From a list in a config file, or from the program itself: trusted as little as a project.
        _Layer("project", "the program", {n: v for n, v in parsed.items() if n not in flags}),
        _Layer("variable", "", variables),
    ]
    named = [
        typed.get(action.dest) or environ.get(getattr(action, "env_var", None) or "")
        for action in naming
    ]
    paths_named = {os.path.abspath(os.path.expanduser(str(name))) for name in named if name}
    projects = [each for each in (folder, places.git_root(folder)) if each] if folder else []
    for path, items in listener.files():
        place, warning = provenance.place(path, paths_named, projects, home)
        if warning and items:
            warnings.append(warning)
        lies_in = os.path.dirname(path)
        layers.append(_Layer(place, shown(path, home), items, lies_in, warning is not None))
    return layers


def _unknown(layer: _Layer, name: str) -> str:
    """Return the problem with a name that only looks like an option of ours.

    A misspelt ``CECLI_ANALYTICS_DISABLED=1`` must not be taken for no refusal.
    """
    import difflib  # 1 ms, and only a mistake needs it

    name = re.split(r"[^\w-]", name[:LONGEST])[0]  # what follows may be a key
    nearest = difflib.get_close_matches(name, sorted(BY_NAME), n=1, cutoff=0)[0]
    return (
        f"{layer.source(name).text}: there is no such option; "
        f"did you mean {layer.source(nearest).text.split(' ')[0]}?"
    )


def _analytics(layers: list[dict[str, Switch]], warnings: list[str]) -> Switch | None:
    """Return the strongest "on" or "off", where a project can't undo an off of the user's."""
    said = []
    for layer in layers:
        no = layer.get("no-analytics")
        if no and no.value:  # beside "on" in one source it is a contradiction: doubt means off
            said.append(Switch(False, no.source))
        elif "analytics" in layer:
            said.append(layer["analytics"])
    for index, switch in enumerate(said):
        if not (switch.value and switch.source.place == "project"):
            return switch
        own = next((other for other in said[index:] if other.source.place != "project"), None)
        if own is None or own.value:
            return switch
        warnings.append(f"{switch.source.text} is ignored: {own.source.text} is your own choice")
    return None


def _disable(layers: list[dict[str, Switch]]) -> Source | None:
    """Return who disables: any source can, and the user's own word is the one to store."""
    said = [layer[name] for layer in layers if (name := "analytics-disable") in layer]
    sources = [switch.source for switch in said if switch.value]
    return min(sources, key=lambda source: source.place == "project", default=None)


def _logs(
    said: list[tuple[Text, str | None]],
    home: str | None,
    folder: str | None,
    warnings: list[str],
) -> list[Text]:
    """Return the logs that their sources may name, as absolute paths, the strongest first.

    None stands behind the first of the user's own.
    """
    logs: list[Text] = []
    for (name, source), lies_in in said:
        path = os.path.expanduser(name) if home else name
        if folder is None and not os.path.isabs(path):
            raise InvalidSettings([f"{source.text}: the current folder no longer exists"])
        path = os.path.join(folder or os.sep, path)
        if source.place != "project":
            return [*logs, Text(path, source)]
        if folder and places.may_write(places.project(lies_in or folder, home), path, home):
            logs.append(Text(path, source))
        elif not logs:
            warnings.append(
                f"{source.text} is ignored: a project's log must lie inside the project, "
                "and not in a home folder that the project holds"
            )
    return logs
