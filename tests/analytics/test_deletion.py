"""A deletion by id, as docs/posthog.md tells it, tried on what the receiver has taken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cecli.analytics.inspection.receiver import Receiver
from tests.analytics.scene import Scene, uuids
from tests.hogql import parse
from tools.queries import queries
from tools.user import until

EXAMPLE = "00000000-0000-4000-8000-000000000000"
"""What stands in the queries for the id that a maintainer was given."""


def found(query: str, id: str, receiver: Receiver) -> list[str]:
    """Return the uuids of the received events that a query's condition selects for an id."""
    where = parse(queries()[query].text.replace(EXAMPLE, id))["where"]
    assert (where["node"], where["op"]) == ("CompareOperation", "==")
    [column], value = where["left"]["chain"], where["right"]["value"]
    return [item["uuid"] for item in receiver.items if item[column] == value]


def send(user: Scene, receiver: Receiver) -> list[dict[str, Any]]:
    """Have a user's session deliver three events; return all that the user has logged."""
    before = len(receiver.items)
    with user.start_session(3) as session:
        session.communicate()
    until(lambda: len(receiver.items) >= before + 3, "three events")
    user.wait_for_quiet()
    return user.logged()


@pytest.mark.parametrize("query", ["of-one-id", "delete-one-id"])
def test_it_finds_all_events_of_the_id_and_none_of_another(
    scene: Scene, receiver: Receiver, tmp_path: Path, query: str
) -> None:
    (tmp_path / "home").mkdir(mode=0o700)
    other = Scene(tmp_path / "home", receiver.url)
    logged = send(scene, receiver)
    assert send(other, receiver)
    assert sorted(found(query, scene.user_id, receiver)) == sorted(uuids(logged))
    assert len(receiver.items) == 2 * len(logged)


def test_the_id_stands_in_the_users_record_and_log(scene: Scene, receiver: Receiver) -> None:
    logged = send(scene, receiver)
    record = json.loads(scene.consent.read_text())
    assert {event["user_id"] for event in logged} == {record["uuid"]} == {scene.user_id}


def test_after_a_disable_no_event_comes_with_the_id_again(scene: Scene, receiver: Receiver) -> None:
    send(scene, receiver)
    assert scene.cecli("--analytics-disable").returncode == 0
    to_delete = found("delete-one-id", scene.user_id, receiver)
    scene.consent.unlink()
    again = Scene(scene.home, receiver.url)
    send(again, receiver)
    assert again.user_id != scene.user_id
    assert found("delete-one-id", scene.user_id, receiver) == to_delete
    assert len(found("delete-one-id", again.user_id, receiver)) == 3
