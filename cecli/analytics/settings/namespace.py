"""The merged settings as a parser's user sees them: the namespace, the reports, a written file.

Behind :func:`changed`, which heeds what a program has put into the namespace since, nothing sees
one.
"""

from __future__ import annotations

import argparse
import os
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence

from cecli import TYPE_CHECKING
from cecli.analytics.settings import spelling
from cecli.analytics.settings.command_line import Typed
from cecli.analytics.settings.merge import InvalidSettings, Settings
from cecli.analytics.settings.options import BY_NAME, INITIAL, OPTIONS, Option
from cecli.analytics.settings.sources import Source, Switch, Text

if TYPE_CHECKING:
    from typing import Any

_SECRET = {f"--{option.name}" for option in OPTIONS if option.secret}


def winners(settings: Settings) -> dict[str, Switch | Text]:
    """Return, by the attributes of a namespace, what holds and who says so."""
    found: dict[str, Switch | Text] = {}
    disable, analytics = settings.disable, settings.analytics
    if disable:
        found["analytics"] = Switch(False, disable)
        if disable.is_own:
            found["analytics_disable"] = Switch(True, disable)
    elif analytics:
        found["analytics"] = analytics
    for source in (*([settings.log.source] if settings.log else ()), *settings.destination_set_by):
        found[BY_NAME[source.option].dest] = next(  # as it was said: of a log, the whole path holds
            text for text in settings.said[source.option] if text.source == source
        )
    return found


def values(settings: Settings) -> dict[str, object]:
    """Return the merged values, by the attributes of a namespace; None where nobody said anything.

    >>> values(Settings())["analytics"], values(Settings())["analytics_disable"]
    (None, False)
    """
    said = {dest: each.value for dest, each in winners(settings).items()}
    return {**INITIAL, **said}


def publish(parser: Any, settings: Settings, words: Sequence[str], typed: Iterable[Typed]) -> None:
    """Name what holds in the reports of a configargparse *parser*, under its source.

    Args:
        parser: has just parsed; its reports lack what variables and files say of our options.
        settings: what they come to.
        words: the command line.
        typed: the options on it; of a secret one, no report shows more than its ends.
    """
    reports = parser._source_to_settings
    if words:
        keys = [
            str(each.value) for each in typed if _SECRET.intersection(each.action.option_strings)
        ]
        reports["command_line"] = {"": (None, _without(words, keys))}
    defaults = reports.get("defaults", {})
    for name in BY_NAME:
        defaults.pop(f"--{name}", None)
    for each in winners(settings).values():
        option = BY_NAME[each.source.option]
        report, entry = _place(each.source)
        if report != "command_line":
            action = parser._option_string_actions[f"--{option.name}"]
            reports.setdefault(report, OrderedDict())[entry] = (action, _reported(option, each))
    weaker = [name for name in reports if name.startswith("config_file")]
    for report in (*weaker, "defaults"):  # they are shown in the order of their strength
        if reports.get(report):
            reports.move_to_end(report)
        else:
            reports.pop(report, None)


def _place(source: Source) -> tuple[str, str]:
    """Return the report of configargparse's that a source belongs to, and what names it there."""
    if source.kind == "variable":
        return "environment_variables", source.place
    if source.place:
        return f"config_file|{source.place}", source.option
    # A list in a config file has become words of the command line; the program's own are defaults.
    return ("defaults", f"--{source.option}") if source.kind == "program" else ("command_line", "")


def _reported(option: Option, said: Switch | Text) -> str:
    if isinstance(said, Switch):
        return "true" if option.switches_off else str(said.value).lower()  # false decides nothing
    return masked(said.value) if option.secret else said.value


def masked(key: str) -> str:
    """Return a project API key as people may see it.

    >>> masked("phc_0123456789"), masked("secret")
    ('phc_...6789', '...')
    """
    return f"{key[:4]}...{key[-4:]}" if key.startswith("phc_") and len(key) > 12 else "..."


def _without(words: Sequence[str], keys: Iterable[str]) -> list[str]:
    found = list(words)
    for key in filter(None, keys):
        for index, word in enumerate(found):
            if word == key or word.endswith(f"={key}"):
                found[index] = word.removesuffix(key) + masked(key)
    return found


def items(namespace: argparse.Namespace) -> dict[str, str]:
    """Return our part of a config file that says what a namespace does."""
    said: dict[str, str] = {}
    for option in BY_NAME.values():
        value = getattr(namespace, option.dest, None)
        if option.name != "no-analytics" and value not in (None, "") and value is not False:
            said[option.name] = str(value) if option.metavar else "true"
    if getattr(namespace, "analytics", None) is False:
        said["analytics"] = "false"
    return said


def changed(settings: Settings, namespace: argparse.Namespace, folder: str | None) -> Settings:
    """Return the settings with what a program has put into the namespace since it parsed.

    It may switch off, and choose a log. It can't switch on.

    Raises:
        InvalidSettings: the log that it chose is no name of a file.
    """
    parsed = values(settings)
    now: Mapping[str, Any] = {dest: getattr(namespace, dest, None) for dest in parsed}
    program = "the program"
    if now["analytics"] is not parsed["analytics"] and True is not now["analytics"]:
        source = Source("program", f"analytics: false in {program}", "analytics")
        if parsed["analytics"] is not False:
            settings = settings._replace(analytics=Switch(False, source))
    if now["analytics_disable"] and not settings.disable:
        source = Source("program", f"analytics-disable: true in {program}", "analytics-disable")
        settings = settings._replace(disable=source)
    log = now["analytics_log"]
    if log is not None and log != parsed["analytics_log"]:
        text = Source("program", f"analytics-log in {program}", "analytics-log")
        try:
            path = os.path.expanduser(spelling.file_name(os.fsdecode(log)))
        except (TypeError, ValueError) as error:
            raise InvalidSettings([f"{text.text}: {error}"]) from error
        chosen = Text(os.path.join(folder or os.sep, path), text)
        settings = settings._replace(log=chosen, own_log=chosen)
    return settings
