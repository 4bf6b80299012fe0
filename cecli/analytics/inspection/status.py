"""The verb ``status``: whether events leave from here, why, and how to change it, on one screen.

Owns the words and the JSON; what there is to tell is
:mod:`~cecli.analytics.inspection.overview`'s.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator

from cecli.analytics.delivery.back_off import BackOff
from cecli.analytics.delivery.state import GONE
from cecli.analytics.destination import host_of
from cecli.analytics.inspection.overview import Overview, look
from cecli.analytics.inspection.user import User, moment
from cecli.analytics.settings.namespace import masked
from cecli.analytics.settings.options import BY_NAME, OPTIONS
from cecli.analytics.settings.sources import Switch, Text
from cecli.layout import columns, listing, many, wrapped
from cecli.messages import say, show, shown

ON, OFF = 0, 3
"""Exit codes: events leave, or don't (3 as the Linux Standard Base has it for what doesn't run)."""
_Rows = list[tuple[str, str]]


def add(parser: argparse.ArgumentParser) -> None:
    """Put the verb's options on its parser."""
    parser.add_argument("--json", action="store_true", help="show it for a script")


def run(arguments: argparse.Namespace, user: User, _: object) -> int:
    """Show it all; return the exit code: 0 if events leave from here, 3 if not."""
    found = look(user)
    for warning in found.settings.warnings:
        say(f"{user.prog}: warning: {warning}", sys.stderr)
    if arguments.json:
        show(json.dumps(_data(user, found), indent=2) + "\n", sys.stdout)
    else:
        width = columns(sys.stdout)
        story = f"analytics of {user.program.name} is {found.status.state}: {_reason(found)}"
        show(wrapped(story, width) + "\n", sys.stdout)
        for heading, rows in _sections(user, found):
            show(f"\n{heading}\n{listing(rows, width)}\n", sys.stdout)
    return ON if found.status.state == "on" else OFF


def _reason(found: Overview) -> str:
    if found.asks:
        return f"you haven't answered; the next session asks you ({found.status.reason})"
    return found.status.reason


def _sections(user: User, found: Overview) -> Iterator[tuple[str, _Rows]]:
    yield "You", list(_you(found))
    yield "Options", list(_options(user, found))
    yield "Delivery", list(_delivery(found))
    yield "To change it", list(_commands(user, found))


def _you(found: Overview) -> Iterator[tuple[str, str]]:
    record, paths = found.record, found.paths
    yield "id", record.uuid or "none yet" if not record.permanently_disable else "forgotten"
    if record.problem:
        yield "consent", f"none that counts: {shown(paths.consent, paths.home)} {record.problem}"
    elif record.permanently_disable:
        yield "consent", "refused for good"
    for id, yes in record.destinations.items():
        when = f", {moment(record.answered[id])}" if id in record.answered else ""
        project = " (a project key of its own)" if id != host_of(id) else ""
        yield "consent", f"{'yes' if yes else 'no'}, to {host_of(id)}{project}{when}"
    if not (record.problem or record.permanently_disable or record.destinations):
        yield "consent", "never asked"
    yield "kept in", shown(paths.consent, paths.home)


def _options(user: User, found: Overview) -> Iterator[tuple[str, str]]:
    said = found.settings.said
    for option in OPTIONS:
        values = said.get(option.name, ())
        if not values:
            none = option.secret and not found.status.has_key
            yield option.name, f"not set ({option.default(user.program)}{': none here' * none})"
            continue
        first, *weaker = (f"{_value(each)}, by {each.source.text}" for each in values)
        yield option.name, "; over ".join([first, *weaker])


def _value(said: Switch | Text) -> str:
    if isinstance(said, Switch):
        return str(said.value).lower()
    return masked(said.value) if BY_NAME[said.source.option].secret else said.value


def _delivery(found: Overview) -> Iterator[tuple[str, str]]:
    waiting, paths, state = found.waiting, found.paths, found.deliveries
    where = shown(paths.spool, paths.home)
    yield "to", found.status.events_to
    if found.trouble:
        yield "trouble", f"no event can be queued or sent: {where} {found.trouble}"
    text = "nothing"
    if waiting.files:
        text = f"{many(waiting.events, 'event')} in {many(waiting.files, 'file')}, "
        text += f"{waiting.size / 1000:.0f} kB, the oldest from {moment(waiting.oldest or 0)}"
    yield "waits", f"{text}; {where}"
    if found.delivering:
        yield "now", "a delivery is under way, or about to begin"
    yield "last", f"{moment(state.last_time)}: {state.last_result}" if state.last_time else "none"
    for id, back_off in state.failing(found.delivering).items():
        yield "failing", _failure(host_of(id), back_off, found.now)
    for id in state.gone:
        yield "gone", f"{host_of(id)}: {GONE}"
    unsent = state.unsent
    yield (
        "not sent",
        (
            f"{unsent.not_agreed} not agreed to, {unsent.dropped} too old or too many, "
            f"{unsent.damaged} damaged, {unsent.set_aside} refused by the server"
        ),
    )


def _failure(host: str, back_off: BackOff, now: float) -> str:
    text = f"{host}: {back_off.why}; {many(back_off.failures, 'failure')}"
    until = "" if back_off.is_over(now) else f", left alone until {moment(back_off.until)}"
    return f"{text}{until}. Nothing is lost: {_advice(back_off.why)}"


def _advice(why: str) -> str:
    if "status 4" in why and "429" not in why and "408" not in why:
        return "check the host and the key"
    if why.startswith("no answer"):
        return "check the network and the proxy; it is tried again by itself"
    return "it is tried again by itself"


def _commands(user: User, found: Overview) -> Iterator[tuple[str, str]]:
    name = user.program.name
    if found.status.state == "on":
        yield f"{name} --no-analytics", "off for one session"
        yield f"{user.prog} disable", "off for good; forgets the id and what waits"
    else:
        if not found.record.agreed(found.settings.destination.id):
            yield f"{user.prog} enable", "asks you"
        elif not found.status.has_key:
            yield (
                f"{name} --analytics-posthog-project-api-key KEY",
                "sends to your own PostHog project; asks you first",
            )
        if not found.record.permanently_disable:
            forgets = (
                "forgets the id and what waits" if found.record.uuid else "you are never asked"
            )
            yield f"{user.prog} disable", f"off for good; {forgets}"
    if found.waiting.files and found.status.state == "on":
        yield f"{user.prog} deliver", "sends now what waits"
    yield f"{user.prog} preview", "shows what can leave"


def _data(user: User, found: Overview) -> dict[str, object]:
    """Return the same for scripts; times are ISO 8601 in UTC, a key is masked."""
    record, state, waiting = found.record, found.deliveries, found.waiting
    return {
        "program": user.program.name,
        "version": user.program.version,
        "state": found.status.state,
        "reason": _reason(found),
        "id": record.uuid,
        "settings": {option.name: _setting(found, option.name) for option in OPTIONS},
        "consent": {
            "file": found.paths.consent,
            "problem": record.problem,
            "disabled": record.permanently_disable,
            "asked": record.asked_opt_in,
            "destinations": [
                {
                    "host": host_of(id),
                    "own_key": id != host_of(id),
                    "agreed": yes,
                    "answered": _iso(record.answered.get(id)),
                }
                for id, yes in record.destinations.items()
            ],
        },
        "queue": {
            "folder": found.paths.spool,
            "trouble": found.trouble,
            "events": waiting.events,
            "files": waiting.files,
            "bytes": waiting.size,
            "oldest": _iso(waiting.oldest),
            "not_sent": state.unsent._asdict(),
        },
        "delivery": {
            "destination": found.status.destination,
            "has_key": found.status.has_key,
            "under_way": found.delivering,
            "last": {"time": _iso(state.last_time or None), "result": state.last_result},
            "failing": [
                {
                    "host": host_of(id),
                    "why": back_off.why,
                    "failures": back_off.failures,
                    "left_alone_until": _iso(back_off.until),
                }
                for id, back_off in state.failing(found.delivering).items()
            ],
            "gone": [host_of(id) for id in state.gone],
        },
    }


def _setting(found: Overview, name: str) -> dict[str, object] | None:
    """Return what holds of an option, and what it overrode; None if nobody set it."""
    values = [
        {"value": _value(each), "source": each.source.text, "kind": each.source.kind}
        for each in found.settings.said.get(name, ())
    ]
    return {**values[0], "overrides": values[1:]} if values else None


def _iso(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    from datetime import datetime, timezone

    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="seconds")
