from __future__ import annotations

import threading
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cecli.analytics import ids


def test_a_new_id_is_a_uuid4_that_the_standard_library_reads() -> None:
    parsed = uuid.UUID(text := ids.new())
    assert (parsed.version, parsed.variant, str(parsed)) == (4, uuid.RFC_4122, text)


def test_ids_differ() -> None:
    assert len({ids.new() for _ in range(10_000)}) == 10_000


@pytest.mark.parametrize(
    "other",
    [
        "",
        "x",
        4,
        None,
        "5c6f0a6e-e671-11f1-8cf3-02fc00000001",
        "C68C1AA3-87C3-4184-857A-FC636DAA300C",
        "c68c1aa3-87c3-4184-857a-fc636daa300c\n",
    ],
)
def test_what_is_no_canonical_uuid4_is_not_taken_for_one(other: object) -> None:
    assert not ids.is_uuid4(other)


def test_new_ids_are_spread_evenly() -> None:
    tenths = [0] * 10
    for _ in range(100_000):
        tenths[int(ids.new()[:8], 16) * 10 >> 32] += 1
    assert all(abs(count - 10_000) < 6 * 95 for count in tenths)


# -- of a session

NOON = 1_700_000_000.057
DAY = 86_400


def time_of(id: str) -> float:
    """Return the time in a UUID of version 7, in seconds since the epoch."""
    return int(id.replace("-", "")[:12], 16) / 1000


def test_a_sessions_id_is_a_uuid7_that_the_standard_library_reads() -> None:
    parsed = uuid.UUID(text := ids.SessionId().id_at(NOON))
    assert (parsed.version, parsed.variant, str(parsed)) == (7, uuid.RFC_4122, text)


def test_a_sessions_id_stays_the_same_for_a_day() -> None:
    session = ids.SessionId()
    found = {session.id_at(NOON + later) for later in (0, 0.0004, 1, 3600, DAY - 0.001)}
    assert len(found) == 1


def test_sessions_that_begin_in_the_same_moment_differ_in_all_that_is_random() -> None:
    found = {ids.SessionId().id_at(NOON) for _ in range(10_000)}
    assert len(found) == len({id[14:] for id in found}) == 10_000
    assert len({id[:14] for id in found}) == 1


def test_the_time_in_an_id_is_the_first_events_and_no_other() -> None:
    session = ids.SessionId()
    assert time_of(session.id_at(NOON)) == NOON
    assert time_of(session.id_at(NOON + 5000)) == NOON


@given(st.lists(st.floats(0, 4e9)), st.floats(0, 4e9))
def test_while_the_clock_runs_on_posthog_counts_every_event_to_a_session(
    later: list[float], first: float
) -> None:
    session, time = ids.SessionId(), first
    for step in (0.0, *later):
        time += step
        began = time_of(session.id_at(time))
        assert began <= float(f"{time:.3f}") < began + DAY + 0.001  # as the log has it


def test_a_long_session_is_the_same_one_in_all_its_ids() -> None:
    session = ids.SessionId()
    found = [session.id_at(NOON + days * DAY) for days in (0, 1, 40)]
    assert len({id[14:] for id in found}) == 1
    assert [time_of(id) - NOON for id in found] == [0, DAY, 40 * DAY]


def test_a_clock_that_is_set_back_begins_no_other_session() -> None:
    session = ids.SessionId()
    assert session.id_at(NOON) == session.id_at(NOON - 1) == session.id_at(NOON - 40 * DAY)


def test_threads_that_begin_a_session_at_once_agree() -> None:
    for _ in range(200):
        session, gate, found = ids.SessionId(), threading.Barrier(4), set[str]()

        def begin(
            time: float,
            session: ids.SessionId = session,
            gate: threading.Barrier = gate,
            found: set[str] = found,
        ) -> None:
            gate.wait()
            found.add(session.id_at(time))

        threads = [threading.Thread(target=begin, args=(NOON + n / 100,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 1
