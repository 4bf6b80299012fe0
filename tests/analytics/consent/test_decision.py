"""The decision table, in full."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from cecli.analytics import ids
from cecli.analytics.consent.decision import Decision, Verdict, decide, is_asked, status_of
from cecli.analytics.consent.record import ConsentRecord
from cecli.analytics.consent.surroundings import Surroundings, is_set
from cecli.analytics.destination import Destination
from cecli.analytics.program import DEFAULT_HOST
from cecli.analytics.settings.merge import Settings
from cecli.analytics.settings.sources import Source, Switch, Text

if TYPE_CHECKING:
    from cecli.analytics.settings.sources import Kind

IN = "00000000-0000-4000-8000-000000000000"
OUT = "ffffffff-ffff-4fff-bfff-ffffffffffff"
KINDS: Sequence[Kind] = ("flag", "variable", "config", "home", "project", "program", "machine")
OTHER = Destination("https://posthog.example.com", "phc_other")
DEFAULT = Destination(DEFAULT_HOST, None)

SWITCHES = {
    "none": None,
    "on": Switch(True, Source("flag", "--analytics")),
    "off": Switch(False, Source("flag", "--no-analytics")),
}
RECORDS = {
    "new": ConsentRecord(),
    "agreed": ConsentRecord(IN, True, False, {DEFAULT.id: True}),
    "disabled": ConsentRecord(None, True, True),
    "unreadable": ConsentRecord(problem="is not JSON"),
}
TABLE = [
    (switch, record, terminal, tenth, track, destination)
    for switch, record, terminal, tenth, track, destination in itertools.product(
        SWITCHES,
        RECORDS,
        ("terminal", "no terminal"),
        ("inside", "outside"),
        ("", "DO_NOT_TRACK"),
        ("default destination", "new destination"),
    )
]


def expected(
    switch: str, record: str, terminal: str, tenth: str, track: str, destination: str
) -> Verdict:
    """The contract, one rule a line, in the words of the documentation."""
    if record in ("disabled", "unreadable") or track or switch == "off":
        return Verdict.REFUSE
    if record == "agreed" and destination == "default destination":
        return Verdict.SEND
    if terminal == "no terminal":
        return Verdict.REFUSE
    if record == "agreed" or switch == "on" or tenth == "inside":
        return Verdict.ASK
    return Verdict.REFUSE


@pytest.mark.parametrize("row", TABLE, ids=lambda row: "-".join(filter(None, row)))
def test_the_decision_table(row: tuple[str, str, str, str, str, str]) -> None:
    switch, record, terminal, tenth, track, destination = row
    stored = RECORDS[record]
    if record in ("new", "agreed"):
        stored = stored._replace(uuid=IN if tenth == "inside" else OUT)
    decision = decide(
        Settings(
            analytics=SWITCHES[switch],
            destination=DEFAULT if destination == "default destination" else OTHER,
        ),
        stored,
        Surroundings(
            no_home=None, terminal=terminal == "terminal", ci=False, do_not_track=bool(track)
        ),
    )
    assert decision.verdict is expected(*row)
    assert decision.reason
    assert not decision.by_project


HERE = Surroundings(no_home=None, terminal=True, ci=False, do_not_track=False)


@pytest.mark.parametrize("source", KINDS)
@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize("switch", SWITCHES)
def test_a_disable_from_any_source_refuses_whatever_else_is_set(
    source: Kind, record: str, switch: str
) -> None:
    chosen = Settings(analytics=SWITCHES[switch], disable=Source(source, "analytics-disable"))
    decision = decide(chosen, RECORDS[record], HERE)
    assert decision == Decision(Verdict.REFUSE, "analytics-disable")


@pytest.mark.parametrize("switch", ["none", "on"])
def test_in_ci_nobody_is_asked(switch: str) -> None:
    decision = decide(
        Settings(analytics=SWITCHES[switch]), ConsentRecord(IN), HERE._replace(ci=True)
    )
    assert decision.verdict is Verdict.REFUSE
    assert not decision.rests_on_id  # so nothing is stored either


@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize("switch", ["none", "on"])
def test_without_a_home_of_ones_own_nothing_is_sent_asked_or_stored(
    switch: str, record: str
) -> None:
    seen = HERE._replace(no_home="the home folder belongs to another user")
    decision = decide(Settings(analytics=SWITCHES[switch]), RECORDS[record], seen)
    assert (decision.verdict, decision.reason, decision.rests_on_id) == (
        Verdict.REFUSE,
        "the home folder belongs to another user",
        False,
    )


@pytest.mark.parametrize("record", [ConsentRecord(IN), ConsentRecord(OUT), RECORDS["agreed"]])
@pytest.mark.parametrize("named_by", [(), *itertools.product(KINDS, repeat=2)])
@pytest.mark.parametrize("switched_by", [None, *KINDS])
def test_a_question_tells_whether_a_project_is_behind_it(
    switched_by: Kind | None, named_by: tuple[Kind, ...], record: ConsentRecord
) -> None:
    chosen = Settings(
        analytics=Switch(True, Source(switched_by, "analytics")) if switched_by else None,
        destination=OTHER,
        destination_set_by=tuple(Source(source, "host or key") for source in named_by),
    )
    decision = decide(chosen, record, HERE)
    if decision.verdict is Verdict.ASK:
        assert decision.by_project is ("project" in (switched_by, *named_by))
    else:
        assert (switched_by, record.uuid) == (None, OUT)


def test_a_destination_that_was_refused_is_not_asked_about_again() -> None:
    record = RECORDS["agreed"]._replace(destinations={DEFAULT.id: True, OTHER.id: False})
    chosen = Settings(analytics=SWITCHES["on"], destination=OTHER)
    assert decide(chosen, record, HERE).verdict is Verdict.REFUSE


@pytest.mark.parametrize(
    ("switch", "record", "stored"),
    [
        ("none", ConsentRecord(IN), True),
        ("none", ConsentRecord(OUT), True),
        ("on", ConsentRecord(OUT), True),
        ("off", ConsentRecord(IN), False),
        ("none", RECORDS["disabled"], False),
        ("none", RECORDS["unreadable"], False),
    ],
)
def test_the_id_is_stored_only_where_the_question_is_possible(
    switch: str, record: ConsentRecord, stored: bool
) -> None:
    assert decide(Settings(analytics=SWITCHES[switch]), record, HERE).rests_on_id is stored


def test_no_id_is_stored_without_a_terminal() -> None:
    decision = decide(Settings(), ConsentRecord(IN), HERE._replace(terminal=False))
    assert not decision.rests_on_id


def test_a_key_of_the_users_own_is_another_destination_and_not_in_its_name() -> None:
    own = Destination(DEFAULT_HOST, "phc_secret")
    assert own.id != DEFAULT.id
    assert "phc_secret" not in own.id


@pytest.mark.parametrize(
    ("value", "off"),
    [("", False), ("0", False), ("false", False), ("FALSE", False), (" 0 ", True)]
    + [(value, True) for value in ("1", "true", "yes", "no", "off", "2", "x")],
)
def test_do_not_track_is_off_for_anything_but_empty_0_and_false(value: str, off: bool) -> None:
    assert is_set(value) is off


@pytest.mark.parametrize(
    ("head", "asked"),
    [
        ("00000000", True),
        ("19999999", True),
        ("1999999a", False),
        ("ffffffff", False),
    ],
)
def test_the_first_ten_percent_of_the_space_are_asked(head: str, asked: bool) -> None:
    assert is_asked(f"{head}-0000-4000-8000-000000000000") is asked


def test_of_new_ids_ten_percent_are_asked() -> None:
    asked = sum(is_asked(ids.new()) for _ in range(100_000))
    # Five standard deviations of a binomial: a fair generator fails once in two million runs.
    assert abs(asked - 10_000) < 5 * 95


@pytest.mark.parametrize(
    ("verdict", "key", "state", "log"),
    [
        (Verdict.SEND, "phc_x", "on", "/project/log"),
        (Verdict.SEND, None, "log only", "/own/log"),
        (Verdict.REFUSE, "phc_x", "log only", "/own/log"),
    ],
)
def test_a_projects_log_is_written_only_where_events_are_sent(
    verdict: Verdict, key: str | None, state: str, log: str
) -> None:
    chosen = Settings(
        destination=Destination(DEFAULT_HOST, key),
        log=Text("/project/log", Source("project", "a file")),
        own_log=Text("/own/log", Source("flag", "--analytics-log")),
    )
    status = status_of(chosen, Decision(verdict, "why"), None)
    assert (status.state, status.log) == (state, log)
