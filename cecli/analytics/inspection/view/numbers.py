"""The summary's numbers as JSON, for scripts."""

from __future__ import annotations

import json
from typing import Any

from cecli.analytics.inspection.view.summary import Summary
from cecli.analytics.inspection.view.sums import Session, Usage, Usages
from cecli.analytics.inspection.view.tally import Tally

DIGITS = 10
"""Behind the point of a cost; a sum of floats has none of its own beyond."""


def render(summary: Summary) -> str:
    """Return the numbers as one object of JSON."""
    return json.dumps(numbers(summary), indent=2) + "\n"


def numbers(summary: Summary) -> dict[str, Any]:
    """Return the numbers; counts by names, ``(others)`` for those for which there was no place."""
    span = summary.span
    return {
        "count": summary.count,
        "first": span[0] if span else None,
        "last": span[1] if span else None,
        "events": _counts(summary.events),
        "models": _usages(summary.models),
        "days": {
            name: {"events": _counts(day.events), "models": _usages(day.models)}
            for name, day in sorted(summary.days.items())
        },
        "commands": _counts(summary.commands),
        "edit_formats": _counts(summary.edit_formats),
        "features": {name: _counts(tally) for name, tally in summary.features.items()},
        "errors": {name: _counts(tally) for name, tally in summary.errors.items()},
        "sessions": {
            "count": len(summary.sessions),
            "more": bool(summary.other_sessions.events),
            "crashed": sum(each.crashed for each in summary.sessions.values()),
            "reasons": _counts(summary.reasons),
            "latest": [_session(each) for each in summary.latest_sessions(20)],
        },
        "users": len(summary.users),
        "properties": {
            name: {
                "values": _counts(summary.facts.words.get(name, Tally())),
                "numbers": _span(summary, name),
            }
            for name in summary.facts.names()
        },
        "files": [
            {
                "file": log.name,
                "lines": log.lines,
                "broken": log.broken,
                "first_broken": log.first_broken or None,
                "unfinished": log.unfinished,
                "destination": log.destination,
            }
            for log in summary.logs
        ],
    }


def _counts(tally: Tally) -> dict[str, int]:
    found = dict(tally.ranked())
    if tally.others:
        found["(others)"] = found.get("(others)", 0) + tally.others
    return found


def _usages(usages: Usages) -> dict[str, dict[str, float]]:
    return {name: _usage(usage) for name, usage in usages.ranked()}


def _usage(usage: Usage) -> dict[str, float]:
    return {
        "messages": usage.messages,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "cost": round(usage.cost, DIGITS),
    }


def _session(session: Session) -> dict[str, Any]:
    return {
        "first": session.first,
        "last": session.last,
        "events": session.events,
        "messages": session.messages,
        "cost": round(session.cost, DIGITS),
        "reason": session.reason or None,
        "crashed": session.crashed,
    }


def _span(summary: Summary, name: str) -> dict[str, float] | None:
    span = summary.facts.spans.get(name)
    return {"count": span.count, "least": span.low, "greatest": span.high} if span else None
