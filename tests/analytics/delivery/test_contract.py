"""What PostHog asks of those who send to it, told as a table.

The source is PostHog's public harness for SDKs, github.com/PostHog/posthog-sdk-test-harness,
``contracts/capture_tests.yaml``; each row names its test there. Where a promise of ours asks for
more, the row says so.
"""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import datetime
from typing import Any, NamedTuple

import pytest

from cecli.analytics.delivery.back_off import LONGEST_DELAY
from cecli.analytics.inspection.receiver import Handler, Request
from tests.analytics.faults import FaultyReceiver, reply
from tests.analytics.scene import KEY, Scene
from tools.wire import as_logged


class Replies(FaultyReceiver):
    """Answers with a list of statuses, one after the other, and then accepts."""

    def __init__(self, *statuses: int, **headers: str) -> None:
        super().__init__()
        self._statuses, self._headers = list(statuses), headers

    def answer(self, handler: Handler, request: Request) -> None:
        if self._statuses:
            reply(handler, self._statuses.pop(0), {"error": "a reply of the test"}, **self._headers)
        else:
            super().answer(handler, request)


class Retries(NamedTuple):
    """A status, and what a request that got it must lead to."""

    status: int
    again: bool
    """Whether the same events are posted again, after a wait."""
    test: str


TABLE = (
    Retries(408, True, "error_handling: retries_on_408"),
    Retries(429, True, "retry_behavior: respects_retry_after_header"),
    Retries(500, True, "retry_behavior: retries_on_500"),
    Retries(502, True, "retry_behavior: retries_on_502"),
    Retries(503, True, "retry_behavior: retries_on_503"),
    Retries(504, True, "retry_behavior: retries_on_504"),
    Retries(400, False, "retry_behavior: does_not_retry_on_400"),
    Retries(401, False, "retry_behavior: does_not_retry_on_401"),
    Retries(403, False, "error_handling: does_not_retry_on_403"),
    Retries(413, False, "error_handling: does_not_retry_on_413"),
)
retries = pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.status}")


@retries
def test_one_delivery_makes_one_request_of_what_fails(home: Any, row: Retries) -> None:
    with Replies(row.status) as receiver:
        scene = Scene(home, receiver.url)
        scene.queue(1)
        done = scene.deliver(clock=lambda: 1000.0)
        assert (done.sent, len(receiver.requests), scene.waiting) == (0, 1, ["ready"])
        # At once nothing is posted again, whatever the status was.
        assert scene.deliver(clock=lambda: 1001.0).sent == 0
    assert len(receiver.requests) == 1


@retries
def test_after_the_wait_what_may_be_tried_again_arrives_and_what_was_refused_is_not_posted(
    home: Any, row: Retries
) -> None:
    with Replies(row.status) as receiver:
        scene = Scene(home, receiver.url)
        scene.queue(1)
        scene.deliver(clock=lambda: 1000.0)
        assert scene.back_off
        later = scene.back_off.until
        scene.deliver(clock=lambda: later)
    # A key or a host may be mended: such events wait, as promised, and are tried after a long time.
    wrong_key = row.status in (401, 403)
    assert len(receiver.requests) == (2 if row.again or wrong_key else 1)


def test_waits_grow(home: Any) -> None:
    """retry_behavior: implements_backoff."""
    with Replies(503, 503, 503) as receiver:
        scene, now = Scene(home, receiver.url), 1e9
        scene.queue(1)
        waits = []
        for _ in range(3):
            scene.deliver(clock=lambda now=now: now)
            assert scene.back_off
            waits.append(scene.back_off.until - now)
            now = scene.back_off.until
        assert scene.deliver(clock=lambda: now).sent == 1
    assert waits[0] < waits[1] < waits[2]


@pytest.mark.parametrize("asked", [3, 7200])
def test_a_wish_to_wait_is_respected(home: Any, asked: int) -> None:
    """retry_behavior: respects_retry_after_header."""
    with Replies(429, **{"Retry-After": str(asked)}) as receiver:
        scene = Scene(home, receiver.url)
        scene.queue(1)
        scene.deliver(clock=lambda: 1e9)
        scene.deliver(clock=lambda: 1e9 + asked - 0.5)
        assert len(receiver.requests) == 1
        assert scene.deliver(clock=lambda: 1e9 + LONGEST_DELAY).sent == 1


@pytest.mark.parametrize("count", [1, 3])
def test_uuid_and_time_stay_the_same_in_each_try(home: Any, count: int) -> None:
    """deduplication: preserves_uuid_and_timestamp_on_retry, ..._on_batch_retry."""
    with Replies(503, 503) as receiver:
        scene = Scene(home, receiver.url)
        logged = scene.queue(count)
        for _ in range(3):
            scene.deliver(heed_back_offs=False)
    assert len(receiver.requests) == 3
    for request in receiver.requests:
        assert [as_logged(item) for item in request.items] == logged


def test_each_event_has_a_uuid_of_its_own_and_stands_once_in_a_batch(
    scene: Scene, receiver: FaultyReceiver
) -> None:
    """deduplication: generates_unique_uuids, no_duplicate_events_in_batch."""
    scene.queue(50)
    scene.deliver()
    (request,) = receiver.requests
    found = Counter(item["uuid"] for item in request.items)
    assert (len(found), set(found.values())) == (50, {1})
    assert {str(uuid.UUID(each)) for each in found} == found.keys()


def test_a_batch_has_the_form_that_servers_take(scene: Scene, receiver: FaultyReceiver) -> None:
    """format_validation; batch_format: uses_proper_batch_structure, multiple_events_batched."""
    scene.queue_lines(scene.lines(5))
    scene.deliver()
    (request,) = receiver.requests
    assert request.path == "/batch/"
    assert request.body["api_key"] == KEY
    assert len(request.body["batch"]) == 5
    for item in request.items:
        assert (item["event"], item["distinct_id"]) == ("launched", scene.user_id)
        assert datetime.fromisoformat(item["timestamp"].replace("Z", "+00:00")).tzinfo
        assert type(item["properties"]["number"]) is int


def test_a_body_is_packed_with_gzip(scene: Scene, receiver: FaultyReceiver) -> None:
    """compression: sends_gzip_when_enabled."""
    scene.queue(1)
    scene.deliver()
    assert receiver.requests[0].headers["Content-Encoding"] == "gzip"


def test_nothing_is_sent_for_nothing(scene: Scene, receiver: FaultyReceiver) -> None:
    """batch_format: flush_with_no_events_sends_nothing."""
    scene.queue(1)
    next(scene.folder.iterdir()).unlink()
    scene.deliver()
    assert receiver.requests == []
