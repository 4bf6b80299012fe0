"""Event after event: facts that all events have are said once, and again when they change."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable

from cecli.analytics.catalogue.builtin import own_and_common
from cecli.analytics.inspection.user import moment
from cecli.analytics.inspection.view.reading import LogFile, Properties, Recorded
from cecli.messages import printable, show

_BLOCK = 100
"""Events that are written at once, if nobody waits for them one by one."""


def show_events(log: LogFile, wanted: Callable[[Recorded], bool] | None, *, follow: bool) -> int:
    """Show the wanted events of a log on stdout; return how many there were."""
    events: Iterable[Recorded] = log.read(follow=follow)
    listing, block, count = Listing(), [], 0
    for event in filter(wanted, events) if wanted else events:
        block.append(listing.told(event))
        count += 1
        if len(block) >= (1 if follow or log.name == "-" else _BLOCK):
            show("".join(block), sys.stdout)
            block.clear()
    show("".join(block), sys.stdout)
    return count


class Listing:
    """Remembers what was said of all events."""

    def __init__(self) -> None:
        self._said: Properties = {}

    def told(self, event: Recorded) -> str:
        """Return the lines that tell an event."""
        name, properties, user_id, time, uuid = event
        own, common = own_and_common(properties)
        common = {"id": user_id, **common}
        lines = []
        changed = {
            name: value
            for name, value in common.items()
            if name not in self._said or not _same(self._said[name], value)
        }
        gone = [name for name in self._said if name not in common]
        if changed or gone:
            lines.append("on each event from here:" if self._said else "on each event:")
            lines += [f"    {_name(name)}: {_value(value)}" for name, value in changed.items()]
            lines += [f"    no {_name(name)}" for name in gone]
            self._said = common
        lines.append(f"{moment(time)}  {_name(name)}{f'  {_name(uuid)}' if uuid else ''}")
        lines += [f"    {_name(name)}: {_value(value)}" for name, value in own.items()]
        return "\n".join(lines) + "\n"


def _same(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other


def _name(text: str) -> str:
    r"""Return a name in letters that can't be taken for others, whatever it holds.

    >>> _name("a\nb")
    'a\\nb'
    """
    return ascii(text)[1:-1] if not text.isascii() or not text.isprintable() else text


def _value(value: object) -> str:
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return ", ".join(printable(each) for each in value)
    return value if isinstance(value, str) and value.isprintable() else json.dumps(value)
