"""A small fleet: what it shows, and that the project's own rules are what it is driven by."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path
from random import Random
from types import ModuleType

import pytest
from simpy import Environment

from benchmarks.fleet import __main__ as command
from benchmarks.fleet import cost, scenarios, usage
from benchmarks.fleet.fleet import HALF_HOUR, Fleet
from benchmarks.fleet.machine import Machine
from benchmarks.fleet.scenarios import CLOCK, PEOPLE, rule
from benchmarks.fleet.server import ACCEPTS, BUSY, Server, Trouble
from benchmarks.fleet.usage import DAY, HOUR, KINDS, MINUTE, HandOver
from cecli.analytics.delivery import back_off, batches, detached
from cecli.analytics.delivery.transport import Reply
from cecli.analytics.destination import Destination, Target
from cecli.analytics.inspection.receiver import Receiver
from cecli.analytics.spool import segment, token
from tests.analytics.conftest import receiver, scene
from tests.analytics.scene import Scene
from tools.user import Home

__all__ = ["receiver", "scene"]  # fixtures

FACTOR = 0.3
OUTAGE = Trouble(12 * HOUR, 36 * HOUR)


@pytest.fixture(scope="module")
def ordinary() -> Fleet:
    return scenarios.ordinary(FACTOR)


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(14 * HOUR, 15 * HOUR),
        OUTAGE,
        Trouble(12 * HOUR, 36 * HOUR, Reply(429, b"", 3600)),
    ],
)
def test_after_an_outage_a_server_is_asked_about_as_often_as_on_any_day(
    ordinary: Fleet, trouble: Trouble
) -> None:
    found = scenarios.outage("", trouble, 3, ordinary, factor=FACTOR)
    assert found.peak <= command.MOST_AFTER
    assert found.first <= command.MOST_FIRST
    assert found.lost == 0


def test_a_server_that_takes_nothing_is_asked_less_than_one_that_does(ordinary: Fleet) -> None:
    assert scenarios.outage("", OUTAGE, 2, ordinary, factor=FACTOR).requests < 0.8


def test_most_of_what_an_outage_has_held_up_arrives_within_a_day(ordinary: Fleet) -> None:
    found = scenarios.outage("", OUTAGE, 3, ordinary, factor=FACTOR)
    assert found.accepted[scenarios.RETURNED_AFTER.index(DAY)] > 0.8


def test_sessions_that_end_everywhere_at_midnight_come_within_a_minute_and_a_bound(
    ordinary: Fleet,
) -> None:
    found = scenarios.midnight("", ordinary, FACTOR)
    assert found.peak <= command.MOST_AT_MIDNIGHT * 1.2  # in a small sample chance is larger
    assert found.seconds <= detached.LONGEST_PAUSE + 5
    assert found.accepted == 1


def test_without_a_pause_midnight_is_a_storm_of_which_a_server_takes_little(
    ordinary: Fleet,
) -> None:
    with rule(detached, "LONGEST_PAUSE", 0):
        found = scenarios.midnight("", ordinary, FACTOR)
    assert found.peak > 50
    assert found.accepted < 0.6


def test_one_deliverer_takes_the_events_of_several_sessions_of_a_loop(ordinary: Fleet) -> None:
    (loop,) = (kind for kind in KINDS if kind.loop > 1)
    assert ordinary.processes(loop) < loop.loop / 2
    assert ordinary.events(loop) > loop.loop


def test_a_person_at_a_terminal_has_a_deliverer_with_each_session(ordinary: Fleet) -> None:
    assert ordinary.processes(PEOPLE[0]) > PEOPLE[0].sessions


RULES: dict[str, tuple[ModuleType, str, object]] = {
    "the back-off": (back_off, "FIRST_DELAY", 10.0 * HOUR),
    "its longest": (back_off, "LONGEST_DELAY", 60.0),
    "its random part": (back_off, "RANDOM_PART", 10.0),
    "the age of what waits": (segment, "OLDEST_SECONDS", HOUR),
    "when a segment is handed over": (segment, "OPEN_SECONDS", HOUR),
    "what fits into a request": (batches, "BATCH_BYTES", 1),
    "how long a token is valid": (token, "STARTING_SECONDS", -DAY),
    "the pause": (detached, "LONGEST_PAUSE", 0),
}


def _outcome() -> tuple[float, ...]:
    fleet = Fleet(OUTAGE, days=2, factor=0.05)
    return fleet.requests(), fleet.processes(), fleet.events(), fleet.lost()


@pytest.mark.parametrize("changed", RULES)
def test_another_rule_is_another_outcome(changed: str) -> None:
    before = _outcome()
    with rule(*RULES[changed]):
        assert _outcome() != before


def test_the_same_seed_is_the_same_fleet() -> None:
    assert _outcome() == _outcome()


def test_a_larger_sample_tells_the_same(ordinary: Fleet) -> None:
    larger = scenarios.ordinary()
    for of in (Fleet.events, Fleet.requests, Fleet.processes):
        assert of(ordinary) == pytest.approx(of(larger), rel=0.05)
    assert ordinary.peak() == pytest.approx(larger.peak(), rel=0.15)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("days", [1, 4, 9])
def test_the_sample_has_some_thousand_sessions_of_each_kind(kind: usage.Kind, days: int) -> None:
    assert kind.number(days) * kind.sessions * kind.loop * days >= usage.SESSIONS - 1


def test_a_kind_that_is_used_seldom_records_as_much_in_a_session_as_the_others(
    ordinary: Fleet,
) -> None:
    often, seldom, monthly = (ordinary.events(kind) / kind.sessions for kind in PEOPLE[:3])
    assert seldom == pytest.approx(often, rel=0.15)
    assert monthly == pytest.approx(often, rel=0.15)


def test_an_event_in_the_queue_is_as_large_as_a_line_that_a_session_has_written() -> None:
    lines = usage.SAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)
    assert round(sum(map(len, lines)) / len(lines)) == usage.EVENT_BYTES
    compact = [json.dumps(json.loads(line), separators=(",", ":")) + "\n" for line in lines]
    assert compact == lines


def test_a_batch_holds_about_as_many_events_as_is_said() -> None:
    assert 925 < batches.BATCH_BYTES / usage.EVENT_BYTES < 975


def test_a_deliverer_is_measured_with_lines_that_are_as_large_as_a_users(tmp_path: Path) -> None:
    user, lines = Home(tmp_path), usage.SAMPLE.read_bytes().splitlines()[: cost.FEW]
    destination = Destination("http://127.0.0.1:9", "phc_benchmark")
    cost.fill(user, user.agree(destination), destination, cost.FEW)
    (queued,) = Path(user.paths.spool).glob("*.ready*")
    assert [*map(len, queued.read_bytes().splitlines()[1:])] == [*map(len, lines)]


def test_what_each_event_adds_to_a_body_is_told_from_two_deliveries() -> None:
    few, many = cost.Cost(0.2, 0.5, 40.3, 1100, 12), cost.Cost(0.25, 0.51, 41.1, 4700, 84)
    assert cost.told(few, many).splitlines() == [
        "12 events: 0.20 s of CPU, 0.5 s from start to end, 40 MB, a body of 1,100 bytes",
        "84 events: 0.25 s of CPU, 0.5 s from start to end, 41 MB, a body of 4,700 bytes",
        "a body: 500 bytes, and 50 for each event",
    ]


def test_a_burst_in_one_minute_shows_among_the_minutes_though_a_half_hour_dilutes_it() -> None:
    fleet = Fleet(factor=0.01)
    fleet.server.requests.clear()
    calm = Counter(dict.fromkeys(range(0, HALF_HOUR, 10), 1))
    fleet.server.requests[KINDS[0]] = calm
    minute, half_hour = fleet.peak(0, MINUTE), fleet.peak()
    fleet.server.requests[KINDS[0]] = calm + Counter(dict.fromkeys(range(MINUTE), 1))
    assert fleet.peak(0, MINUTE) / minute > command.MOST_FIRST
    assert fleet.peak() / half_hour < command.MOST_AFTER


def test_the_first_minutes_stand_beside_those_of_the_same_sessions() -> None:
    accepts = OUTAGE._replace(reply=ACCEPTS)
    assert scenarios.first_minutes(accepts, FACTOR) == pytest.approx(1, rel=0.1)


def test_sessions_that_a_clock_starts_are_counted_once_at_midnight(ordinary: Fleet) -> None:
    assert CLOCK not in PEOPLE
    people = ordinary.rates(kinds=PEOPLE)[0]
    assert people + ordinary.rates(kinds=[CLOCK])[0] == pytest.approx(ordinary.rates()[0])
    clocks = Fleet(kinds=[scenarios.MANY_CLOCKS], factor=FACTOR).peak(smooth=1)
    assert scenarios.midnight("", ordinary, FACTOR).peak * ordinary.peak() == pytest.approx(
        people + clocks
    )


class _Half(Random):
    """Chance that is always the same, for a machine and its shadow."""

    def random(self) -> float:
        return 0.5


@pytest.mark.parametrize("down", [0, 200, 5000])
def test_a_simulated_machine_does_what_a_real_delivery_does(
    scene: Scene, receiver: Receiver, down: int
) -> None:
    times = [0, 30, 100, 150, 400, 4000, 9000]
    server, env = Server(Trouble(0, down, BUSY)), Environment()
    kind = KINDS[0]
    machine = Machine(env, kind, server, _Half())
    env.process(machine.live([HandOver(time, time, 5) for time in times]))
    env.run(until=DAY)

    begin, sent = time.time(), 0
    for moment in times:
        scene.queue(5)
        now = begin + moment
        receiver.mode = "503" if moment < down else "ok"
        if not scene.state.is_left_alone(Target(scene.destination.id, scene.destination), now):
            sent += scene.deliver(clock=lambda now=now: now, chance=_Half()).sent
    assert sum(server.requests[kind].values()) == len(receiver.requests)
    assert sum(each.events for each in server.arrivals[kind]) == sent
    simulated = machine.state.back_offs.values()
    assert [each.failures for each in simulated] == [
        each.failures for each in scene.state.back_offs.values()
    ]


def test_the_assumed_shares_are_of_all_that_send() -> None:
    assert sum(kind.share for kind in KINDS) == pytest.approx(1)
    assert sum(usage.ZONES.values()) == pytest.approx(1)


WRITTEN = {
    0: "0",
    0.01234: "0.012",
    1.26: "1.3",
    123: "120",
    45_678: "46,000",
    1_234_567: "1.2 million",
    3.21e9: "3.2 billion",
}


@pytest.mark.parametrize("number", WRITTEN)
def test_two_digits_of_a_figure_count(number: float) -> None:
    assert command.short(number) == WRITTEN[number]


@pytest.mark.long
def test_the_page_has_the_figures_and_each_bound_is_kept() -> None:
    assert command.main(["--check"]) == 0
