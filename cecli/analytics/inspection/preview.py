"""The verb ``preview``: each event that can be recorded, as it would leave this machine.

Every line is made by the sanitiser that makes the real ones, with this machine's own facts. What an
event says of a session is an example, for none has begun. Nothing is stored or sent.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator

from cecli.analytics import ids
from cecli.analytics.catalogue.builtin import own_and_common
from cecli.analytics.catalogue.declaration import Catalogue
from cecli.analytics.catalogue.event import Event
from cecli.analytics.catalogue.sanitiser import Sanitiser
from cecli.analytics.consent.file import ConsentFile
from cecli.analytics.facts import environment
from cecli.analytics.facts.options_used import OptionUse
from cecli.analytics.inspection.user import User
from cecli.layout import columns, listing, wrapped
from cecli.messages import show

_EXAMPLES: dict[str, object] = {
    "amount": 0.25,
    "count": 1200,
    "flag": True,
    "model name": "gpt-4o",
    "version": "1.2.3",
}


def add(parser: argparse.ArgumentParser) -> None:
    """Put the verb's options on its parser."""
    parser.add_argument("--json", action="store_true", help="show the lines that would leave")


def run(arguments: argparse.Namespace, user: User, made: Callable[[], Catalogue]) -> int:
    """Show every event of the catalogue; as JSON, each as the line that would leave."""
    record, catalogue = ConsentFile(user.paths).load(), made()
    catalogue.declare_program(user.program.name)
    catalogue.declare_options("model")
    catalogue.freeze()
    sanitiser = Sanitiser(catalogue, record.uuid or ids.new(), environment.facts(user.program))
    lines = {event.name: _line(catalogue, sanitiser, event) for event in catalogue}
    if arguments.json:
        for line in lines.values():
            show(json.dumps(line) + "\n", sys.stdout)
        return 0
    for text in _page(catalogue, lines, record.uuid):
        show(text + "\n", sys.stdout)
    return 0


def _line(catalogue: Catalogue, made: Sanitiser, event: Event) -> dict[str, object]:
    """Return an event with an example for each of its properties."""
    properties: dict[str, object] = {}
    for each in event.properties:
        if each.type == "choice":
            properties[each.name] = catalogue.choices(event.name, each.name)[0]
        elif each.type == "option names":
            properties[each.name] = (OptionUse("model", "flag"),)
        elif each.type in ("exception", "exception type"):
            properties[each.name] = _example_exception()
        else:
            properties[each.name] = _EXAMPLES[each.type]
    line: dict[str, object] = json.loads(
        made.sanitise(event.name, properties, time=time.time(), uuid=ids.new()).line or b"{}"
    )
    return line


def _example_exception() -> Exception:
    """Return an exception that was really raised, in code that is public."""
    try:
        json.loads("")
    except ValueError as error:
        return error
    raise AssertionError("json has read nothing")


def _page(
    catalogue: Catalogue, lines: dict[str, dict[str, object]], id: str | None
) -> Iterator[str]:
    width = columns(sys.stdout)
    _, facts = own_and_common(_properties(next(iter(lines.values()))))
    yield wrapped("On every event, with the values of this machine:", width)
    yield listing([(name, json.dumps(value)) for name, value in facts.items()], width)
    whose = id or "a random one, made when you are first asked"
    yield listing([("your id", whose), ("uuid", "a random one"), ("time", "to the ms")], width)
    for event in catalogue:
        own, _ = own_and_common(_properties(lines[event.name]))
        yield f"\n{event.name}"
        yield listing([("", f"{event.description} Why: {event.why}")], width)
        if own:
            yield listing([(name, json.dumps(value)) for name, value in own.items()], width)


def _properties(line: dict[str, object]) -> dict[str, object]:
    properties = line.get("properties")
    return properties if isinstance(properties, dict) else {}
