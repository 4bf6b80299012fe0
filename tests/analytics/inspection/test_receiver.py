"""The receiver as what it stands in for."""

from __future__ import annotations

import http.client
import json

import pytest

from cecli.analytics.inspection.receiver import MODES, Receiver
from tests.support import PATIENCE

BATCH = {"api_key": "k", "batch": [{"event": "exit", "uuid": "1"}]}


def _post(receiver: Receiver, body: bytes, path: str = "/batch/") -> int:
    host, port = receiver.url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=PATIENCE)
    try:
        connection.request("POST", path, body)
        return connection.getresponse().status
    finally:
        connection.close()


def test_it_takes_a_batch_and_hands_each_item_on() -> None:
    handed_on: list[object] = []
    with Receiver(accept=handed_on.append) as receiver:
        assert _post(receiver, json.dumps(BATCH).encode()) == 200
    assert receiver.items == handed_on == BATCH["batch"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b'{"batch": 1}', b'{"batch": [1]}', b"\xff"]
)
def test_what_is_no_batch_is_refused(receiver: Receiver, body: bytes) -> None:
    assert _post(receiver, body) == 400
    assert not receiver.items


def test_it_knows_one_path(receiver: Receiver) -> None:
    assert _post(receiver, json.dumps(BATCH).encode(), "/other/") == 404


@pytest.mark.parametrize("address", ["0.0.0.0", "192.0.2.1", "::", "example.org", ""])
def test_it_listens_on_this_machine_only(address: str) -> None:
    with pytest.raises(ValueError):
        Receiver(address)


@pytest.mark.parametrize("mode", sorted(set(MODES) - {"ok"}))
def test_a_mode_that_refuses_takes_nothing(mode: str) -> None:
    handed_on: list[object] = []
    with Receiver(mode=mode, accept=handed_on.append) as receiver:
        assert _post(receiver, json.dumps(BATCH).encode()) == int(mode)
    assert receiver.items == handed_on == []
