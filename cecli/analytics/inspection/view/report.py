"""The summary as tables of text: what is told, in which order, and how numbers are written.

How a table is drawn is :mod:`~cecli.analytics.inspection.view.terminal`'s and the page's. Values
are as the log has them: who shows them makes them harmless.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cecli.analytics.inspection.user import moment
from cecli.analytics.inspection.view.summary import Summary
from cecli.analytics.inspection.view.sums import Session
from cecli.analytics.inspection.view.tally import Facts, Tally
from cecli.layout import many
from cecli.messages import printable

SHOWN = 20
"""Rows of a table; of further ones only the number is told."""
SHOWN_SESSIONS = 5
SHOWN_WORDS = 12


class Table(NamedTuple):
    """Rows of text under heads."""

    title: str
    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    """The first cell of each names it, the others are numbers or words."""
    shares: Sequence[float] = ()
    """For a table of counts: each row's part of the greatest, between 0 and 1."""
    note: str = ""
    prose: bool = False
    """Whether the last cells are long, and wrapped."""

    def harmless(self) -> Table:
        """Return the table with nothing in its cells that a terminal might obey."""
        return self._replace(rows=[tuple(map(printable, row)) for row in self.rows])


def headline(summary: Summary) -> str:
    """Return what the log comes to, in a sentence."""
    span = summary.span
    when = f", from {moment(span[0])} to {moment(span[1])}" if span else ""
    sessions = many(len(summary.sessions), "session")
    if summary.other_sessions.events:
        sessions = f"more than {sessions}"
    return f"{many(summary.count, 'event')} of {sessions}{when}"


def totals(summary: Summary) -> list[tuple[str, str]]:
    """Return the numbers that tell most, each with its name."""
    used = summary.models.total
    failures = sum(tally.total for tally in summary.errors.values())
    return [
        ("events", f"{summary.count:,}"),
        ("sessions", f"{len(summary.sessions):,}{'+' if summary.other_sessions.events else ''}"),
        ("messages", f"{used.messages:,}"),
        ("tokens", f"{used.tokens:,}"),
        ("cost", dollars(used.cost)),
        ("failures", f"{failures:,}"),
    ]


def tables(summary: Summary) -> Iterator[Table]:
    """Yield the tables that have a row."""
    for table in (
        _counts("Events", "event", summary.events),
        _days(summary),
        _models(summary),
        _counts("Commands", "command", summary.commands),
        _counts("Edit formats", "edit format", summary.edit_formats, "messages"),
        _nested("Features", ("feature", "outcome", "times"), summary.features),
        _nested("Failures", ("event", "kind", "times"), summary.errors),
        _sessions(summary),
        _facts(summary.facts),
    ):
        if table.rows:
            yield table


def _counts(title: str, head: str, tally: Tally, unit: str = "times") -> Table:
    ranked = tally.ranked()
    shown = ranked[:SHOWN]
    most = ranked[0][1] if ranked else 1
    left = sum(count for _, count in ranked[SHOWN:]) + tally.others
    return Table(
        title,
        (head, unit),
        [(name, f"{count:,}") for name, count in shown],
        [count / most for _, count in shown],
        f"and {left:,} of other names" if left else "",
    )


def _days(summary: Summary) -> Table:
    days = sorted(summary.days.items())
    rows = []
    for name, day in days[-SHOWN:]:
        used = day.models.total
        numbers = (day.events.total, used.messages, used.tokens)
        rows.append((name, *(f"{number:,}" for number in numbers), dollars(used.cost)))
    totals = [day.events.total for _, day in days[-SHOWN:]]
    left = len(days) - len(rows)
    note = f"and {many(left, 'earlier day')}" if left else ""
    shares = [total / (max(totals) or 1) for total in totals]
    return Table("Days", ("day", "events", "messages", "tokens", "cost"), rows, shares, note)


def _models(summary: Summary) -> Table:
    ranked = summary.models.ranked()
    rows = [
        (
            name,
            f"{used.messages:,}",
            f"{used.prompt_tokens:,}",
            f"{used.completion_tokens:,}",
            dollars(used.cost),
        )
        for name, used in ranked[:SHOWN]
    ]
    left = len(ranked) - len(rows)
    note = f"and {many(left, 'other model')}" if left else ""
    return Table("Models", ("model", "messages", "tokens in", "tokens out", "cost"), rows, [], note)


def _nested(title: str, heads: tuple[str, ...], tallies: dict[str, Tally]) -> Table:
    found = [
        (name, kind, f"{count:,}")
        for name, tally in sorted(tallies.items())
        for kind, count in tally.ranked()
    ]
    left = len(found) - SHOWN
    return Table(title, heads, found[:SHOWN], [], f"and {left:,} more kinds" if left > 0 else "")


def _sessions(summary: Summary) -> Table:
    latest = summary.latest_sessions(SHOWN_SESSIONS)
    left = len(summary.sessions) - len(latest)
    rows = [
        (
            moment(each.first),
            duration(each.last - each.first),
            f"{each.events:,}",
            f"{each.messages:,}",
            dollars(each.cost),
            ending(each),
        )
        for each in latest
    ]
    heads = ("session from", "took", "events", "messages", "cost", "ended")
    return Table("Sessions", heads, rows, [], f"and {left:,} before" if left > 0 else "")


def ending(session: Session) -> str:
    """Return how a session ended, in a word or two."""
    return "crash" if session.crashed else session.reason or "not told"


def _facts(facts: Facts) -> Table:
    return Table(
        "All that was recorded",
        ("property", "values"),
        [(name, values(facts, name)) for name in facts.names()],
        [],
        f"and {many(facts.others, 'value')} of other names" if facts.others else "",
        prose=True,
    )


def values(facts: Facts, name: str) -> str:
    """Return the values of a property that were seen: words, the most frequent first, and span."""
    found = []
    if span := facts.spans.get(name):
        both = (
            number(span.low)
            if span.low == span.high
            else f"{number(span.low)} to {number(span.high)}"
        )
        found.append(f"{both} ({many(span.count, 'number')})")
    if tally := facts.words.get(name):
        ranked = tally.ranked()
        found += [word for word, _ in ranked[:SHOWN_WORDS]]
        left = len(ranked) - SHOWN_WORDS
        if tally.others:
            found.append(f"and more than {left + 1:,} others")
        elif left > 0:
            found.append(f"and {left:,} others")
    return ", ".join(found)


def number(value: float) -> str:
    """Return a number as a person reads it.

    >>> number(1234567), number(0.25), number(1e300)
    ('1,234,567', '0.25', '1e+300')
    """
    if isinstance(value, int) and abs(value) < 10**15:
        return f"{value:,}"
    try:
        return f"{value:,.6g}" if abs(value) < 1e6 else f"{float(value):.6g}"
    except OverflowError:
        return "a number of more than 300 digits"


def dollars(amount: float) -> str:
    """Return an amount of US dollars: cents, and below a dollar what messages cost, too.

    >>> dollars(1234.5), dollars(0.0063), dollars(0.0000012), dollars(0)
    ('$1,234.50', '$0.0063', '$1.2e-06', '$0.00')
    """
    if amount == 0 or amount >= 1:
        return f"${amount:,.2f}"
    return f"${amount:.4f}" if amount >= 0.0001 else f"${amount:.2g}"


def duration(seconds: float) -> str:
    """Return a time in its two greatest units.

    >>> duration(3.2), duration(75), duration(7384), duration(90061)
    ('3 s', '1 min 15 s', '2 h 3 min', '1 d 1 h')
    """
    whole = max(0, round(seconds))
    parts = [
        (whole // 86400, "d"),
        (whole // 3600 % 24, "h"),
        (whole // 60 % 60, "min"),
        (whole % 60, "s"),
    ]
    while len(parts) > 1 and not parts[0][0]:
        parts.pop(0)
    return " ".join(f"{count} {unit}" for count, unit in parts[:2] if count) or "0 s"


def widths(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """Return how many characters each column needs."""
    return [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
