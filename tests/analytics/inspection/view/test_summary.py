"""The sums, beside those that a test makes by itself."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cecli.analytics.inspection.view import numbers, summary, sums
from cecli.analytics.inspection.view.reading import LogFile
from cecli.analytics.inspection.view.summary import Summary, day_of
from tests.analytics.inspection.view import logs


def summed(events: list[logs.Fields], folder: Path) -> Summary:
    found = Summary()
    found.read(LogFile(str(logs.write(folder / "log.jsonl", events))))
    return found


def numbers_of(events: list[logs.Fields], folder: Path) -> dict[str, Any]:
    return numbers.numbers(summed(events, folder))


@pytest.mark.parametrize("seed", range(5))
def test_the_numbers_are_those_of_the_log(tmp_path: Path, seed: int) -> None:
    events = logs.sessions(40, seed)
    found = numbers_of(events, tmp_path)
    names = logs.counted(events)
    assert found["count"] == len(events)
    assert found["events"] == names
    assert found["models"] == {
        name: pytest.approx(each) for name, each in logs.used(events).items()
    }
    assert found["commands"] == {
        name.removeprefix("command_"): count
        for name, count in names.items()
        if name.startswith("command_")
    }
    assert found["edit_formats"] == Counter(
        each["properties"]["edit_format"] for each in events if each["event"] == "message_send"
    )
    assert (
        sum(found["errors"].get("message_send_exception", {}).values())
        == (names["message_send_exception"])
    )
    assert found["errors"].get("$exception", {}).get("ValueError", 0) == names["$exception"]
    assert found["sessions"]["count"] == names["launched"]
    assert found["sessions"]["crashed"] == names["$exception"]
    assert sum(found["sessions"]["reasons"].values()) == names["exit"]
    assert (found["first"], found["last"]) == (events[0]["time"], events[-1]["time"])


def test_the_days_are_those_of_the_users_time_zone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Kathmandu")  # 5:45 ahead
    time.tzset()
    try:
        midnight = 20_000 * 86_400 + (24 * 60 - 5 * 60 - 45) * 60
        events = [logs.message("m", at) for at in (midnight - 0.001, midnight)]
        found = numbers_of(events, tmp_path)["days"]
    finally:
        monkeypatch.undo()
        time.tzset()
    assert {day: each["models"]["m"]["messages"] for day, each in found.items()} == {
        "2024-10-04": 1,
        "2024-10-05": 1,
    }


def test_a_days_sums_are_parts_of_the_whole(tmp_path: Path) -> None:
    events = logs.sessions(40)
    found = numbers_of(events, tmp_path)
    assert sum((Counter(day["events"]) for day in found["days"].values()), Counter()) == (
        logs.counted(events)
    )
    for name, whole in found["models"].items():
        parts = [day["models"][name] for day in found["days"].values() if name in day["models"]]
        assert sum(each["messages"] for each in parts) == whole["messages"]
        assert sum(each["cost"] for each in parts) == pytest.approx(whole["cost"])


def test_without_an_id_a_session_is_what_its_user_launched_last(tmp_path: Path) -> None:
    events = [
        {**logs.event(name), "user_id": user}
        for name, user in (
            ("message_send", "ada"),  # the log begins in the middle of a session
            ("exit", "ada"),
            ("launched", "ada"),
            ("launched", "bob"),
            ("exit", "ada"),
            ("launched", "ada"),
            ("exit", "bob"),
            ("exit", "ada"),
        )
    ]
    found = summed(events, tmp_path)
    assert [each.events for each in found.sessions.values()] == [2, 2, 2, 2]
    assert found.users == {"ada": 3, "bob": 1}


def test_with_ids_sessions_that_run_at_once_are_told_apart(tmp_path: Path) -> None:
    events = [
        logs.event(name, **{"$session_id": id})
        for id, name in (
            ("1", "launched"),
            ("2", "launched"),
            ("1", "exit"),
            ("2", "x"),
            ("2", "y"),
        )
    ]
    assert [each.events for each in summed(events, tmp_path).sessions.values()] == [2, 3]


def test_a_feature_has_its_outcomes(tmp_path: Path) -> None:
    outcomes = ["completed", "failed", "completed"]
    events = [logs.event("voice", outcome=each, duration=1.5) for each in outcomes]
    assert numbers_of(events, tmp_path)["features"] == {"voice": {"completed": 2, "failed": 1}}


@pytest.mark.parametrize("odd", ["many", True, None, [1], {"a": 1}, -5, 10**400, 1e300], ids=str)
def test_what_is_no_sound_number_is_not_added_up(tmp_path: Path, odd: object) -> None:
    events = [
        logs.message("m", prompt_tokens=odd, completion_tokens=odd, cost=odd),
        logs.message("m"),
    ]
    assert numbers_of(events, tmp_path)["models"]["m"] == {
        "messages": 2,
        "prompt_tokens": 100,
        "completion_tokens": 20,
        "cost": 0.25,
    }


@pytest.mark.parametrize("odd", [None, 5, "", ["x"], {}], ids=str)
def test_a_model_without_a_name_is_none(tmp_path: Path, odd: object) -> None:
    found = numbers_of([logs.message("m", main_model=odd, edit_format=odd)], tmp_path)
    assert list(found["models"]) == list(found["edit_formats"]) == [summary.UNKNOWN]


@pytest.mark.parametrize("odd", [None, 5, "", [], [5], [{}], [{"type": 5}]], ids=str)
def test_a_crash_without_a_type_is_none(tmp_path: Path, odd: object) -> None:
    found = numbers_of([logs.event("$exception", **{"$exception_list": odd})], tmp_path)
    assert found["errors"] == {"$exception": {summary.UNKNOWN: 1}}


def test_models_have_a_bound(tmp_path: Path) -> None:
    many = [logs.message(f"m{number}") for number in range(sums.MOST_MODELS + 50)]
    found = numbers_of(many, tmp_path)["models"]
    assert found[sums.OTHER_MODELS]["messages"] == 50
    assert sum(each["messages"] for each in found.values()) == len(many)


def test_days_have_a_bound(tmp_path: Path) -> None:
    many = [logs.event("x", 86_400.0 * day) for day in range(summary.MOST_DAYS + 50)]
    found = summed(many, tmp_path)
    assert len(found.days) == summary.MOST_DAYS
    assert found.events == {"x": len(many)}


@pytest.mark.parametrize("moment", [0, 253_402_300_798.9])
def test_every_time_has_a_day(moment: float) -> None:
    assert day_of(moment)


def test_a_range_is_that_of_the_log(tmp_path: Path) -> None:
    events = [logs.event("x", n=number) for number in (5, -2, 7.5)]
    assert numbers_of(events, tmp_path)["properties"]["n"]["numbers"] == {
        "count": 3,
        "least": -2,
        "greatest": 7.5,
    }


def test_the_numbers_are_json(tmp_path: Path) -> None:
    events = [logs.event(each, **{each: each}) for each in logs.HOSTILE]
    assert json.loads(numbers.render(summed(events, tmp_path)))["count"] == len(events)
