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
from cecli.analytics.facts.options_used import OptionUse, option_uses
from cecli.analytics.program import DEFAULT_HOST, PROJECT_API_KEY
from cecli.analytics.settings import command_line, spelling
from cecli.analytics.settings.layers import Layer, collect
from cecli.analytics.settings.listener import UNCLEAR
from cecli.analytics.settings.options import BY_NAME, OPTIONS, Option
from cecli.analytics.settings.sources import Source, Switch, Text
from cecli.messages import LONGEST


class InvalidSettings(Exception):
    """Something that was set can't be read."""

    def __init__(self, problems: list[str], disable: Source | None = None) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
        """A sentence for each."""
        self.disable = disable
        """Who wants analytics disabled all the same: the command line or the environment."""


class Settings(NamedTuple):
    """What was set, each value with its source; None where nothing was."""

    analytics: Switch | None = None
    disable: Source | None = None
    """Who wants analytics disabled; if several do, one that isn't a project."""
    log: Text | None = None
    """The absolute path of the log in a session that is on."""
    own_log: Text | None = None
    """The log in any other session: the strongest that isn't named by a project."""
    destination: Destination = Destination(DEFAULT_HOST, PROJECT_API_KEY)
    destination_set_by: tuple[Source, ...] = ()
    """Who named the host and the key, if not the default."""
    uses: tuple[OptionUse, ...] = ()
    """The options that were set, the program's own too."""
    warnings: tuple[str, ...] = ()
    """What was ignored, and why."""


def read_settings(
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
    typed = command_line.read(parser)
    layers, warnings = collect(namespace, parser, typed, environ=environ, home=home, folder=folder)
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
                elif UNCLEAR in raws:
                    problems.append(
                        f"{layer.source(name).text}: not every value that stands there can be told"
                    )
                elif not (raws := _said(option, raws)):
                    continue
                elif option.metavar:
                    text = spelling.text(raws, option.read)
                    texts[name].append((Text(text, layer.source(name)), layer.folder))
                else:
                    on = spelling.switch(raws, off=option.switches_off)
                    source = layer.source(name, on)
                    if layer.doubted and on == option.switches_off and name != "analytics-disable":
                        source = source._replace(kind="home")
                    switches[-1][name] = Switch(on, source)
            except ValueError as error:
                problems.append(f"{layer.source(name).text}: {error}")
    disable = _disable(switches)
    if problems:
        heeded = disable is not None and disable.kind in ("flag", "variable")
        raise InvalidSettings(problems, disable if heeded else None)

    hosts = [text for text, _ in texts["analytics-posthog-host"][:1]]
    keys = [text for text, _ in texts["analytics-posthog-project-api-key"][:1]]
    logs = _logs(texts["analytics-log"], home, folder, warnings)
    return Settings(
        analytics=_analytics(switches, warnings),
        disable=disable,
        log=logs[0] if logs else None,
        own_log=next((log for log in logs if log.source.kind != "project"), None),
        destination=Destination(
            hosts[0].value if hosts else DEFAULT_HOST, keys[0].value if keys else PROJECT_API_KEY
        ),
        destination_set_by=tuple(text.source for text in hosts + keys),
        uses=option_uses(parser, [each.action for each in typed]) + _uses(layers),
        warnings=tuple(warnings),
    )


def _uses(layers: list[Layer]) -> tuple[OptionUse, ...]:
    """Return those of our options that variables and files set, which the parser doesn't see."""
    return tuple(
        OptionUse(name, "variable" if layer.kind == "variable" else "file")
        for layer in layers
        if layer.kind != "flag"
        for name in layer.items
    )


def _said(option: Option, raws: Sequence[object]) -> Sequence[object]:
    """Return the values without nulls, which say nothing, unless one may be meant as an off."""
    return raws if option.switches_off else [raw for raw in raws if raw is not None]


def _unknown(layer: Layer, name: str) -> str:
    """Return the problem with a name that only looks like an option of ours.

    A misspelt ``CECLI_ANALYTICS_DISABLED=1`` must not pass in silence: it was meant as a refusal.
    """
    import difflib  # 1 ms, and only a mistake needs it

    name = re.split(r"[^\w-]", name[:LONGEST])[0]  # what follows may be a key
    nearest = difflib.get_close_matches(name, sorted(BY_NAME), n=1, cutoff=0)[0]
    return (
        f"{layer.source(name).text}: there is no such option; "
        f"did you mean {layer.source(nearest).text.split(' ')[0]}?"
    )


def _analytics(layers: list[dict[str, Switch]], warnings: list[str]) -> Switch | None:
    """Return the strongest "on" or "off"; a project's "on" can't undo an "off" of the user's."""
    said = []
    for layer in layers:
        no = layer.get("no-analytics")
        if no and no.value:  # beside "on" in one source it is a contradiction: doubt means off
            said.append(Switch(False, no.source))
        elif "analytics" in layer:
            said.append(layer["analytics"])
    for index, switch in enumerate(said):
        if not (switch.value and switch.source.kind == "project"):
            return switch
        own = next((other for other in said[index:] if other.source.kind != "project"), None)
        if own is None or own.value:
            return switch
        warnings.append(f"{switch.source.text} is ignored: {own.source.text} is your own choice")
    return None


def _disable(layers: list[dict[str, Switch]]) -> Source | None:
    """Return who disables: any source can, and the user's own word is the one to store."""
    said = [layer[name] for layer in layers if (name := "analytics-disable") in layer]
    sources = [switch.source for switch in said if switch.value]
    return min(sources, key=lambda source: source.kind == "project", default=None)


def _logs(
    said: list[tuple[Text, str | None]],
    home: str | None,
    folder: str | None,
    warnings: list[str],
) -> list[Text]:
    """Return the logs that their sources may name, as absolute paths, the strongest first.

    The list ends with the first log that the user named.
    """
    logs: list[Text] = []
    for (name, source), lies_in in said:
        path = os.path.expanduser(name) if home else name
        if folder is None and not os.path.isabs(path):
            raise InvalidSettings([f"{source.text}: the current folder no longer exists"])
        path = os.path.join(folder or os.sep, path)
        if source.kind != "project":
            return [*logs, Text(path, source)]
        if folder and places.may_write(places.project(lies_in or folder, home), path, home):
            logs.append(Text(path, source))
        elif not logs:
            warnings.append(
                f"{source.text} is ignored: a project's log must lie inside the project, "
                "and not in a home folder that the project holds"
            )
    return logs
