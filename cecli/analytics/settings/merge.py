"""What the user set, merged from the command line, the environment and the config files.

The one place that knows which source is stronger, and what a file that came with a project, the
machine's owner or the program may decide.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence

from cecli import places
from cecli.analytics.destination import Destination
from cecli.analytics.program import DEFAULT_HOST
from cecli.analytics.settings import misspelling, spelling
from cecli.analytics.settings.disabling import is_plain, who_disables
from cecli.analytics.settings.hearing import Heard
from cecli.analytics.settings.layers import Layer, collect
from cecli.analytics.settings.listener import UNCLEAR
from cecli.analytics.settings.options import BY_NAME, OPTIONS, Option
from cecli.analytics.settings.sources import Source, Switch, Text
from cecli.config_file import ProblemInFile
from cecli.messages import LONGEST
from cecli.named_tuple import NamedTuple


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
    destination: Destination = Destination(DEFAULT_HOST, None)
    destination_set_by: tuple[Source, ...] = ()
    """Who named the host and the key, if not the program."""
    said: Mapping[str, tuple[Switch | Text, ...]] = {}
    """By option, all that was said of it, the strongest first, whether or not it holds."""
    warnings: tuple[str, ...] = ()
    """What was ignored, and why."""


def read_settings(
    heard: Heard, *, home: str | None, folder: str | None, machine_folder: str
) -> Settings:
    """Merge what a parser has heard, for a user at *home* in *folder*.

    Raises:
        InvalidSettings: something can't be read.
    """
    try:
        layers, warnings = collect(heard, home=home, folder=folder, machine_folder=machine_folder)
    except ProblemInFile as problem:
        raise InvalidSettings([str(problem)]) from problem
    switches: list[dict[str, Switch]] = []
    texts: dict[str, list[tuple[Text, str | None]]] = {option.name: [] for option in OPTIONS}
    said: dict[str, list[Switch | Text]] = {}
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
                    value = spelling.text(raws, option.read, secret=option.secret)
                    text = Text(value, layer.source(name))
                    texts[name].append((text, layer.folder))
                    said.setdefault(name, []).append(text)
                else:
                    switch = _switch(layer, option, raws)
                    switches[-1][name] = switch
                    said.setdefault(name, []).append(switch)
            except ValueError as error:
                problems.append(f"{layer.source(name).text}: {error}")
    name = "analytics-disable"
    disable = who_disables(layer[name] for layer in switches if name in layer)
    logs = _logs(texts["analytics-log"], home, folder, heard.program.name, warnings, problems)
    if problems:
        raise InvalidSettings(problems, disable if disable and is_plain(disable) else None)

    destination, set_by = _destination(heard, texts, warnings)
    return Settings(
        analytics=_analytics(switches, warnings),
        disable=disable,
        log=logs[0] if logs else None,
        own_log=next((log for log in logs if log.source.kind != "project"), None),
        destination=destination,
        destination_set_by=set_by,
        said={name: tuple(values) for name, values in said.items()},
        warnings=tuple(warnings),
    )


def _switch(layer: Layer, option: Option, raws: Sequence[object]) -> Switch:
    off = option.switches_off
    on = off if spelling.is_off(raws, off) else not off
    source = layer.source(option.name, on)
    is_doubted_off = layer.doubted and on == off and option.name != "analytics-disable"
    return Switch(on, source._replace(is_doubted_off=is_doubted_off))


def _said(option: Option, raws: Sequence[object]) -> Sequence[object]:
    """Return the values without nulls, which say nothing, unless one may be meant as an off."""
    return raws if option.switches_off else [raw for raw in raws if raw is not None]


def _unknown(layer: Layer, name: str) -> str:
    """Return the problem with a name that only looks like an option of ours.

    A misspelt ``CECLI_ANALYTICS_DISABLED=1`` must not pass in silence: it was meant as a refusal.
    """
    name = re.split(r"[^\w-]", name[:LONGEST])[0]  # what follows may be a key
    nearest = misspelling.nearest(name)
    return (
        f"{layer.source(name).text}: there is no such option; "
        f"did you mean {layer.source(nearest).text.split(' ')[0]}?"
    )


def _analytics(layers: list[dict[str, Switch]], warnings: list[str]) -> Switch | None:
    """Return the "on" or "off" that holds: the strongest, but for those that decide less.

    The "off" of the machine's owner is final, a project's "on" can't undo an "off" of the user's,
    and the program's "on" counts for nothing.
    """
    said = []
    for layer in layers:
        no = layer.get("no-analytics")
        if no and no.value:  # beside "on" in one source it is a contradiction: doubt means off
            said.append(Switch(False, no.source))
        elif "analytics" in layer:
            said.append(layer["analytics"])
    said = [switch for switch in said if not (switch.value and switch.source.kind == "program")]
    final = next((each for each in said if each.source.kind == "machine" and not each.value), None)
    for index, switch in enumerate(said):
        if not switch.value:
            return switch
        if final:
            warnings.append(_ignored(switch, final, "is final: it is the machine's owner's word"))
            return final
        if switch.source.kind != "project":
            return switch
        own = next((other for other in said[index:] if other.source.is_own), None)
        if own is None or own.value:
            return switch
        warnings.append(_ignored(switch, own, "is your own choice"))
    return None


def _ignored(what: Switch | Text, other: Switch | Text, why: str) -> str:
    return f"{what.source.text} is ignored: {other.source.text} {why}"


def _destination(
    heard: Heard, texts: Mapping[str, list[tuple[Text, str | None]]], warnings: list[str]
) -> tuple[Destination, tuple[Source, ...]]:
    """Return where events go, and who names it; what the machine's owner names is the only one."""
    named: list[list[Text]] = []
    for name in ("analytics-posthog-host", "analytics-posthog-project-api-key"):
        named.append([])
        for text, _ in texts[name]:
            if text.source.kind == "program":
                warnings.append(f"{text.source.text} is ignored: its Program names it")
            else:
                named[-1].append(text)
    hosts, keys = named
    owners = [text for text in hosts + keys if text.source.kind == "machine"]
    if owners:
        all_named = hosts + keys
        hosts = [text for text in hosts if text in owners]
        keys = [text for text in keys if text in owners] or (keys if hosts else [])
        for text in all_named:
            if text not in hosts + keys:
                why = "names the only destination on this machine"
                warnings.append(_ignored(text, owners[0], why))
    host = hosts[0].value if hosts else heard.program.posthog_host
    own_key = heard.program.posthog_project_api_key
    key = keys[0].value if keys else own_key
    destination = Destination(host, key, is_own_key=key is not None and key == own_key)
    return destination, tuple(text.source for text in hosts[:1] + keys[:1])


def _logs(
    said: list[tuple[Text, str | None]],
    home: str | None,
    folder: str | None,
    program: str,
    warnings: list[str],
    problems: list[str],
) -> list[Text]:
    """Return the logs that their sources may name, as absolute paths, the strongest first.

    The list ends with the first log that the user named.
    """
    logs: list[Text] = []
    for (name, source), lies_in in said:
        path = os.path.expanduser(name) if home else name
        if folder is None and not os.path.isabs(path):
            problems.append(f"{source.text}: the current folder no longer exists")
            continue
        path = os.path.join(folder or os.sep, path)
        if source.kind != "project":
            return [*logs, Text(path, source)]
        if folder and places.may_write(
            places.project(lies_in or folder, home), path, home, program
        ):
            logs.append(Text(path, source))
        elif not logs:
            warnings.append(
                f"{source.text} is ignored: a project's log must lie inside the project, "
                "and not in a home folder that the project holds"
            )
    return logs
