"""A delivery against every kind of server, consent and damage, over a real socket."""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from cecli.analytics.consent.file import ConsentFile
from cecli.analytics.delivery import batches, refusals
from cecli.analytics.delivery.back_off import RANDOM_PART
from cecli.analytics.delivery.start import start_deliverer
from cecli.analytics.delivery.worker import Worker
from cecli.analytics.destination import Destination, Target
from cecli.analytics.inspection.receiver import MODES, Handler, Receiver, Request
from cecli.analytics.spool import process
from cecli.analytics.spool.names import SET_ASIDE, STATE, TOKEN
from cecli.analytics.spool.queue import Queue
from tests.analytics.faults import FAULTS, FaultyReceiver
from tests.analytics.scene import KEY, Scene, line, start, uuids
from tests.support import ANOTHER, needs_root
from tools.user import until
from tools.wire import as_logged

DAY = 86_400
KEPT = {
    "201": 60,
    "204": 60,
    "401": 60,
    "403": 60,
    "404": 60,
    "408": 60,
    "429": 7200,
    "429-inf": DAY,
    "500": 60,
    "503": 60,
    "drop": 60,
    "hang": 60,
    "html": 60,
    "huge": 60,
    "quota": 60,
    "redirect": 60,
    "redirect-302": 60,
    "trickle": 60,
    "trickle-header": 60,
}
"""The faults after which events wait, and for how many seconds at least."""
ENDLESS = {"hang", "trickle", "trickle-header"}
"""Those in which the answer never ends: the deliverer has to lose its patience."""
REFUSED = ("400", "400-list", "413")
"""The answers that refuse the events themselves."""
TAKEN = {"ok", "cookie"}
GONE = {"410"}


def test_every_mode_of_the_receiver_is_tried() -> None:
    assert {*KEPT, *REFUSED, *TAKEN, *GONE} == {*MODES, *FAULTS}


def test_accepted_events_are_deleted_and_nothing_is_remembered_against_the_server(
    scene: Scene, receiver: Receiver
) -> None:
    sent = scene.queue(10)
    assert scene.deliver().sent == 10
    assert uuids(receiver.items) == uuids(sent)
    assert scene.waiting == []
    assert scene.state.back_offs == {}
    assert scene.state.last_result == "sent 10 events"


def test_the_wire_holds_what_the_log_holds_and_nothing_else(
    scene: Scene, receiver: Receiver
) -> None:
    logged = scene.queue(3)
    scene.deliver()
    assert [as_logged(item) for item in receiver.items] == logged
    assert all(re.fullmatch(r"[-\dT:]{19}\.\d{3}Z", item["timestamp"]) for item in receiver.items)


@pytest.mark.parametrize("mode", KEPT)
def test_after_a_fault_events_wait_and_arrive_once_when_the_server_is_back(
    scene: Scene, receiver: Receiver, mode: str
) -> None:
    sent = scene.queue(5)
    receiver.mode = mode
    patience = {"patience": 0.7} if mode in ENDLESS else {}
    done = scene.deliver(**patience, clock=lambda: 1000.0)
    assert done.sent == 0
    assert done.problems
    assert scene.waiting == ["ready"]
    assert scene.back_off
    assert scene.back_off.failures == 1
    assert KEPT[mode] <= scene.back_off.until - 1000 <= KEPT[mode] * (1 + RANDOM_PART)
    if mode in ENDLESS:
        until(lambda: receiver.requests)  # on a busy machine it arrives after the patience's end
    assert len(receiver.requests) == (mode != "drop")
    receiver.mode = "ok"
    assert scene.deliver(heed_back_offs=False).sent == 5
    assert uuids(receiver.items) == uuids(sent)
    assert scene.waiting == []
    assert not scene.state.back_offs


@pytest.mark.parametrize("segments", [1, 10])
@pytest.mark.parametrize("mode", REFUSED)
def test_a_server_that_refuses_everything_costs_no_event_and_is_left_alone(
    scene: Scene, receiver: Receiver, mode: str, segments: int
) -> None:
    sent = [event for _ in range(segments) for event in scene.queue(2)]
    receiver.mode = mode
    for failures in (1, 2, 3):
        done = scene.deliver(clock=lambda: 1000.0, heed_back_offs=False)
        assert (done.sent, done.unsent.set_aside, scene.waiting) == (0, 0, ["ready"] * segments)
        assert scene.back_off
        waits = 60 * 2 ** (failures - 1)
        assert scene.back_off.failures == failures
        assert waits <= scene.back_off.until - 1000 <= waits * (1 + RANDOM_PART)
    assert len(receiver.requests) <= 3 * refusals.MOST_REFUSED_IN_A_ROW
    receiver.mode = "ok"
    assert scene.deliver(heed_back_offs=False).sent == len(sent)
    assert sorted(uuids(receiver.items)) == sorted(uuids(sent))


@pytest.mark.parametrize("good", [1, 9])
def test_no_event_that_was_refused_alone_is_posted_twice_in_a_delivery(
    home: Path, good: int
) -> None:
    with FaultyReceiver(refuses=lambda item: item["event"] == "bad") as receiver:
        scene = Scene(home, receiver.url)
        for _ in range(3):
            scene.queue_lines([*scene.lines(good), line(scene.user_id, "bad")])
            scene.queue_lines([line(scene.user_id, "bad")])
        done = scene.deliver()
    assert (done.sent, done.unsent.set_aside) == (3 * good, 6)
    alone = [
        request.body["batch"][0]["uuid"]
        for request in receiver.requests
        if len(request.body["batch"]) == 1
    ]
    assert len(alone) == len(set(alone))


def test_what_is_set_aside_stands_in_a_file_as_the_log_has_it(home: Path) -> None:
    with FaultyReceiver(refuses=lambda item: item["event"] == "bad") as receiver:
        scene = Scene(home, receiver.url)
        refused = scene.queue_lines([line(scene.user_id, "bad") for _ in range(5)])
        scene.queue(1)
        assert scene.deliver().unsent.set_aside == 5
    assert (scene.waiting, scene.back_off, scene.state.unsent.set_aside) == ([], None, 5)
    aside = (scene.folder / SET_ASIDE).read_text().splitlines()
    assert sorted(uuids(map(json.loads, aside))) == sorted(uuids(refused))
    assert all(json.loads(line) in refused for line in aside)


def test_one_bad_event_is_set_aside_and_the_others_arrive_once(home: Path) -> None:
    with FaultyReceiver(refuses=lambda item: item["event"] == "bad") as receiver:
        scene = Scene(home, receiver.url)
        sent = scene.queue(100) + scene.queue_lines([line(scene.user_id, "bad")])
        sent += scene.queue(150)
        done = scene.deliver()
    assert (done.sent, done.unsent.set_aside) == (250, 1)
    assert Counter(uuids(receiver.items)) == Counter(
        event["uuid"] for event in sent if event["event"] != "bad"
    )
    assert len(receiver.requests) < 10


def test_a_server_that_refuses_every_single_event_is_left_alone_before_it_has_them_all(
    scene: Scene, receiver: Receiver
) -> None:
    scene.queue(200)
    receiver.mode = "400"
    assert "refuses every single event" in str(scene.deliver())
    assert scene.waiting == ["ready"]
    assert scene.back_off
    assert len(receiver.requests) <= refusals.MOST_REFUSED_IN_A_ROW
    receiver.mode = "ok"
    assert scene.deliver(heed_back_offs=False).sent == 200


@pytest.mark.parametrize("before", [0, 30])
def test_many_bad_events_in_a_row_block_none_behind_them(home: Path, before: int) -> None:
    bad = refusals.MOST_REFUSED_IN_A_ROW + 5
    with FaultyReceiver(refuses=lambda item: item["event"] == "bad") as receiver:
        scene = Scene(home, receiver.url)
        good = scene.lines(before + 30)
        rows = good[:before] + [line(scene.user_id, "bad") for _ in range(bad)] + good[before:]
        scene.queue_lines(rows)
        behind = [event for _ in range(8) for event in scene.queue(10)]
        done = scene.deliver()
    assert (done.sent, done.unsent.set_aside, done.problems) == (before + 30 + 80, bad, ())
    expected = [json.loads(each)["uuid"] for each in good] + uuids(behind)
    assert set(uuids(receiver.items)) == set(expected)
    assert scene.waiting == []
    assert len(receiver.requests) < 150


def test_a_server_that_begins_to_refuse_everything_gets_no_more_and_events_wait(
    home: Path,
) -> None:
    with FaultyReceiver(refuses=lambda item: broken and bool(receiver.items)) as receiver:
        scene, broken = Scene(home, receiver.url), True
        sent = scene.queue(4000)  # more than one request
        done = scene.deliver()
        broken = False
        rest = scene.deliver(heed_back_offs=False)
    assert "refuses every single event" in str(done)
    assert (done.unsent.set_aside, done.sent + rest.sent) == (0, 4000)
    assert min(done.sent, rest.sent) > 0
    assert set(uuids(receiver.items)) == set(uuids(sent))
    assert len(receiver.requests) < 100


def test_a_refused_port_is_a_fault_like_any_other(home: Path) -> None:
    with FaultyReceiver() as gone:
        scene = Scene(home, gone.url)
    scene.queue(1)
    assert "no answer (ConnectionError)" in str(scene.deliver())
    assert scene.waiting == ["ready"]


def test_a_redirect_takes_neither_events_nor_key_elsewhere(
    scene: Scene, receiver: FaultyReceiver
) -> None:
    with FaultyReceiver() as elsewhere:
        for mode in ("redirect", "redirect-302"):
            receiver.mode, receiver.location = mode, elsewhere.url + "/batch/"
            scene.queue(1)
            scene.deliver(heed_back_offs=False)
    assert not elsewhere.requests


def test_the_back_off_doubles_up_to_a_day_has_a_random_part_and_is_heeded(
    scene: Scene, receiver: Receiver
) -> None:
    scene.queue(1)
    receiver.mode = "503"
    now, waits = 1e9, []
    for attempt in range(1, 14):
        scene.deliver(clock=partial(float, now))
        assert scene.back_off
        assert len(receiver.requests) == attempt
        least = min(60 * 2 ** (attempt - 1), DAY)
        assert least <= scene.back_off.until - now <= least * (1 + RANDOM_PART)
        waits.append((scene.back_off.until - now) / least)
        now = scene.back_off.until - 1
        scene.deliver(clock=partial(float, now))
        assert len(receiver.requests) == attempt
        now += 1
    assert len(set(waits)) == 13  # each has a random part of its own


def test_a_deliverer_that_is_killed_in_a_request_leaves_a_back_off(
    scene: Scene, receiver: Receiver
) -> None:
    scene.queue(1)
    receiver.mode = "hang"
    with start("deliver") as child:
        until(lambda: receiver.requests)
        child.kill()
    assert scene.back_off
    assert scene.back_off.failures == 1
    assert scene.waiting == ["claimed"]
    receiver.mode = "ok"
    assert scene.deliver(heed_back_offs=False).sent == 1


def test_an_event_that_was_refused_alone_is_never_posted_again_while_none_is_taken(
    scene: Scene, receiver: Receiver
) -> None:
    scene.queue(1)
    receiver.mode = "400"
    for failures in (1, 2, 3):
        assert "refuses every single event" in str(scene.deliver(heed_back_offs=False))
        assert scene.back_off
        assert scene.back_off.failures == failures
    assert len(receiver.requests) == 1
    receiver.mode = "ok"
    scene.queue(1)  # by the session that starts the next delivery
    assert scene.deliver(heed_back_offs=False).sent == 2
    assert scene.state.refused == {}


def test_what_was_refused_by_a_server_that_takes_none_is_judged_when_it_takes_others(
    home: Path,
) -> None:
    with FaultyReceiver(mode="400", refuses=lambda item: item["event"] == "bad") as receiver:
        scene = Scene(home, receiver.url)
        good = scene.queue(2)
        scene.queue_lines([line(scene.user_id, "bad")])
        scene.deliver()
        receiver.mode = "ok"
        good += scene.queue(1)
        done = scene.deliver(heed_back_offs=False)
    assert (done.sent, done.unsent.set_aside, scene.waiting) == (3, 1, [])
    assert Counter(uuids(receiver.items)) == Counter(uuids(good))


class Failing(FaultyReceiver):
    """Refuses bad events, and fails at one request."""

    def __init__(self, at: int) -> None:
        super().__init__(refuses=lambda item: item["event"] == "bad")
        self._at = at

    def answer(self, handler: Handler, request: Request) -> None:
        if len(self.requests) == self._at:
            handler.reply(503, {"detail": "a failure"})
        else:
            super().answer(handler, request)


@pytest.mark.parametrize("at", range(2, 12))
def test_what_was_refused_beside_others_isnt_posted_again_after_a_failure_in_between(
    home: Path, at: int
) -> None:
    with Failing(at) as receiver:
        scene = Scene(home, receiver.url)
        rows = scene.lines(8)
        bad = line(scene.user_id, "bad"), line(scene.user_id, "bad")
        scene.queue_lines([*rows[:3], bad[0], *rows[3:6], bad[1], *rows[6:]])
        for _ in range(2):
            scene.deliver(heed_back_offs=False)
    assert (scene.waiting, scene.state.unsent.set_aside) == ([], 2)
    posted = [uuids(request.items) for request in receiver.requests]
    for uuid in (json.loads(each)["uuid"] for each in bad):
        refused = [n for n, each in enumerate(posted) if each == [uuid] and n != at - 1]
        first = refused[0] if refused else len(posted)
        taken_then = any(
            all(item["event"] != "bad" for item in request.items)
            for request in receiver.requests[first + 1 : at - 1]
        )
        assert len(refused) <= (1 if taken_then or first >= at else 2)


@pytest.mark.parametrize("kill_after", [1, 2, 3])
def test_what_was_taken_while_refusals_are_looked_into_is_not_sent_again(
    home: Path, kill_after: int
) -> None:
    """The deliverer ends in the midst of halving, as if it were killed."""
    with FaultyReceiver(refuses=lambda item: item["event"] == "bad") as receiver:
        scene = Scene(home, receiver.url)
        rows = scene.lines(8)
        good = scene.queue_lines([*rows[:4], line(scene.user_id, "bad"), *rows[4:]])
        with start("deliver") as child:
            until(lambda: len(receiver.requests) > kill_after)
            child.kill()
            child.wait()
            made = len(receiver.requests)  # one more may still be read by the server
        scene.deliver(heed_back_offs=False)
    arrived = Counter(uuids(receiver.items))
    assert arrived.keys() == {event["uuid"] for event in good if event["event"] != "bad"}
    # What was under way when it was killed may have arrived twice, and nothing else.
    last = [uuid for each in receiver.requests[made - 1 : made + 1] for uuid in uuids(each.items)]
    assert {uuid for uuid, times in arrived.items() if times > 1} <= set(last)


# -- a server that is gone


def test_a_server_that_says_410_is_left_alone_for_good(scene: Scene, receiver: Receiver) -> None:
    scene.queue(2)
    receiver.mode = "410"
    assert "takes nothing any more" in str(scene.deliver())
    receiver.mode = "ok"
    years_later = time.time() + 10 * 365 * DAY
    for heed in (True, False):
        again = scene.deliver(heed_back_offs=heed)
        assert (again.sent, len(receiver.requests), scene.waiting) == (0, 1, ["ready"])
        assert "takes nothing any more" in str(again)
    assert not start_deliverer(scene.paths, scene.destination, clock=lambda: years_later)
    assert (scene.state.gone, scene.state.back_offs) == ([scene.destination.id], {})


@pytest.mark.parametrize("other", ["key", "host"])
def test_a_gone_server_is_asked_again_with_another_key_or_at_another_host(
    scene: Scene, receiver: Receiver, other: str
) -> None:
    scene.queue(1)
    receiver.mode = "410"
    scene.deliver()
    receiver.mode = "ok"
    with FaultyReceiver() as elsewhere:
        place = (receiver.url, "phc_other") if other == "key" else (elsewhere.url, KEY)
        destination = Destination(*place)
        scene.agree(destination)
        scene.queue(3, destination)
        assert scene.deliver().sent == 3


def test_a_gone_key_of_ceclis_own_is_not_the_next_releases(
    scene: Scene, receiver: Receiver
) -> None:
    """Both are the same destination to the consent, so that an update asks nobody again."""
    state = scene.state
    old, new = (
        Target(receiver.url, Destination(receiver.url, key)) for key in ("phc_old", "phc_new")
    )
    state.set_gone(old)
    assert state.is_left_alone(old, 0)
    assert not state.is_left_alone(new, 0)


# -- what is remembered of a request that is under way


def test_while_a_server_is_asked_nothing_is_said_against_it(
    scene: Scene, receiver: Receiver
) -> None:
    scene.queue(1)
    receiver.mode = "hang"
    with start("deliver") as child:
        until(lambda: receiver.requests)
        assert scene.back_off  # for the case that it is killed
        assert scene.state.failing(under_way=True) == {}
        child.kill()
    assert scene.state.failing(under_way=False) == {scene.destination.id: scene.back_off}


def test_what_was_said_before_a_server_is_asked_again_stands_meanwhile(
    scene: Scene, receiver: Receiver
) -> None:
    scene.queue(1)
    receiver.mode = "503"
    scene.deliver()
    failed = scene.back_off
    receiver.mode = "hang"
    with start("deliver") as child:
        until(lambda: len(receiver.requests) == 2)
        assert scene.state.failing(under_way=True) == {scene.destination.id: failed}
        child.kill()


def test_small_segments_go_in_one_request(scene: Scene, receiver: Receiver) -> None:
    for _ in range(30):
        scene.queue(5)
    assert scene.deliver().sent == 150
    assert len(receiver.requests) == 1


def test_a_backlog_goes_in_requests_of_bounded_size(scene: Scene, receiver: Receiver) -> None:
    sent = scene.queue(5000)
    assert scene.deliver().sent == 5000
    assert Counter(uuids(receiver.items)) == Counter(uuids(sent))
    assert 2 <= len(receiver.requests) <= 10
    for request in receiver.requests:
        assert len(json.dumps(request.body)) < 2 * batches.BATCH_BYTES


def test_what_is_handed_over_during_a_delivery_goes_in_it(home: Path) -> None:
    def hand_over(_: object) -> None:
        if len(receiver.items) < 4:
            scene.queue(1)

    with FaultyReceiver(accept=hand_over) as receiver:
        scene = Scene(home, receiver.url)
        scene.queue(1)
        assert scene.deliver().sent == 4


# -- consent


def test_a_disable_empties_the_queue_and_sends_nothing(scene: Scene, receiver: Receiver) -> None:
    scene.queue(5)
    ConsentFile(scene.paths).disable()
    assert scene.deliver().sent == 0
    assert not receiver.requests
    assert not scene.folder.exists()


def test_a_running_deliverer_sends_nothing_after_a_disable(home: Path) -> None:
    def disable(_: object) -> None:
        if not ConsentFile(scene.paths).load().permanently_disable:
            ConsentFile(scene.paths).disable()
            Queue(scene.paths.spool).empty()

    with FaultyReceiver(accept=disable) as receiver:
        scene = Scene(home, receiver.url)
        scene.queue(3000)
        done = scene.deliver()
    assert len(receiver.requests) == 1
    assert "disabled" in str(done)
    assert not scene.folder.exists()


def test_a_disable_during_a_request_leaves_nothing_behind(scene: Scene, receiver: Receiver) -> None:
    scene.queue(1)
    receiver.mode = "hang"
    thread = threading.Thread(target=scene.deliver)
    thread.start()
    until(lambda: receiver.requests)
    ConsentFile(scene.paths).disable()
    Queue(scene.paths.spool).empty()
    receiver.stop()
    thread.join()
    assert not scene.folder.exists()


def test_an_unreadable_consent_sends_nothing_and_keeps_the_queue(
    scene: Scene, receiver: Receiver
) -> None:
    scene.queue(5)
    Path(scene.paths.consent).write_text("{")
    assert "counts as a refusal" in str(scene.deliver())
    assert not receiver.requests
    assert scene.waiting == ["ready"]


def test_consent_for_one_destination_sends_nothing_to_another(
    scene: Scene, receiver: Receiver
) -> None:
    with FaultyReceiver() as other:
        for destination in (Destination(other.url, KEY), Destination(other.url, "phc_other")):
            scene.queue(2, destination)
        scene.agree(Destination(other.url, "phc_other"), agreed=False)
        mine = scene.queue(3)
        done = scene.deliver()
    assert (done.sent, done.unsent.not_agreed, scene.waiting) == (3, 4, [])
    assert uuids(receiver.items) == uuids(mine)
    assert not other.requests


def test_events_of_an_id_that_was_forgotten_are_deleted_unsent(
    scene: Scene, receiver: Receiver
) -> None:
    scene.queue_lines([line("0609e6b8-96b2-4cf2-8b97-55355c62d373")])
    mine = scene.queue(1)
    done = scene.deliver()
    assert (done.sent, done.unsent.not_agreed, scene.state.unsent.not_agreed) == (1, 1, 1)
    assert uuids(receiver.items) == uuids(mine)


def test_each_destination_has_its_own_server_and_back_off(scene: Scene, receiver: Receiver) -> None:
    with FaultyReceiver(mode="503") as broken:
        other = Destination(broken.url, KEY)
        scene.agree(other)
        scene.queue(2, other)
        scene.queue(3)
        assert scene.deliver().sent == 3
    assert list(scene.state.back_offs) == [other.id]


# -- turns and damage


def test_a_deliverer_that_lost_the_token_sends_nothing(scene: Scene, receiver: Receiver) -> None:
    scene.queue(1)
    lost = scene.take_token(process.identity())
    (scene.folder / TOKEN).unlink()
    scene.take_token(None)
    assert "Another deliverer" in str(Worker(scene.paths, lost).run())
    assert not receiver.requests
    assert scene.waiting == ["ready"]


NOT_EVENTS = [
    b"",
    b"{",
    b"[]",
    b"\xff\xfe",
    b'{"event": "exit"}',
    b'{"event": 1, "properties": {}, "user_id": "x", "time": 1, "uuid": "x"}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("damage", NOT_EVENTS, ids=range(len(NOT_EVENTS)))
def test_good_events_of_a_damaged_segment_still_go(
    scene: Scene, receiver: Receiver, damage: bytes
) -> None:
    first, last = scene.lines(2)
    scene.queue(1)
    segment = next(scene.folder.iterdir())
    header = segment.read_bytes().splitlines(keepends=True)[0]
    segment.write_bytes(header + first + damage + b"\n" + last + last[:40])
    done = scene.deliver()
    assert (done.sent, done.unsent.damaged) == (2, 2)
    assert uuids(receiver.items) == [json.loads(line)["uuid"] for line in (first, last)]
    assert scene.state.unsent.damaged == 2


def test_a_segment_without_a_readable_destination_is_dropped_and_counted(
    scene: Scene, receiver: Receiver
) -> None:
    scene.queue(3)
    segment = next(scene.folder.iterdir())
    segment.write_bytes(b"{}\n" + segment.read_bytes().partition(b"\n")[2])
    assert scene.deliver().unsent.damaged == 3
    assert (receiver.requests, scene.waiting) == ([], [])


def test_foreign_files_and_links_stay_untouched(
    scene: Scene, receiver: Receiver, tmp_path: Path
) -> None:
    scene.queue(1)
    name = next(scene.folder.iterdir()).name
    outside = tmp_path / "outside"
    outside.write_text("mine")
    (scene.folder / "notes.txt").write_text("mine")
    link = scene.folder / (name.rpartition("-")[0] + "-00000000.ready")
    link.symlink_to(outside)
    (scene.folder / (name.rpartition("-")[0] + "-00000001.ready")).mkdir()
    (scene.folder / SET_ASIDE).symlink_to(outside)
    assert scene.deliver().sent == 1
    ConsentFile(scene.paths).disable()
    scene.deliver()
    assert outside.read_text() == "mine"
    assert (scene.folder / "notes.txt").read_text() == "mine"
    assert not link.is_symlink()


# -- what others could have put there


def test_nothing_is_sent_from_a_folder_that_others_can_write(
    scene: Scene, receiver: Receiver
) -> None:
    scene.queue(2)
    scene.folder.chmod(0o777)
    assert f"can be written by others; mend it: chmod 700 {scene.folder}" in str(scene.deliver())
    assert (receiver.requests, scene.waiting) == ([], ["ready"])
    scene.folder.chmod(0o700)
    assert scene.deliver().sent == 2


@pytest.mark.parametrize("how", ["mode", pytest.param("owner", marks=needs_root)])
def test_a_segment_that_others_could_have_written_isnt_sent(
    scene: Scene, receiver: Receiver, how: str
) -> None:
    scene.queue(1)
    (planted,) = scene.folder.iterdir()
    good = scene.queue(2)
    if how == "mode":
        planted.chmod(0o666)
    else:
        os.chown(planted, ANOTHER, -1)
    assert scene.deliver().sent == 2
    assert uuids(receiver.items) == uuids(good)
    assert planted.exists()


@pytest.mark.parametrize("how", ["mode", pytest.param("owner", marks=needs_root)])
def test_a_record_that_others_could_have_written_sends_nothing_and_keeps_the_queue(
    scene: Scene, receiver: Receiver, how: str
) -> None:
    scene.queue(2)
    if how == "mode":
        scene.consent.chmod(0o666)
    else:
        os.chown(scene.consent, ANOTHER, -1)
    assert "~/.cecli/analytics.json counts as a refusal: it " in str(scene.deliver())
    assert (receiver.requests, scene.waiting) == ([], ["ready"])


def test_no_back_off_is_believed_that_others_could_have_written(
    scene: Scene, receiver: Receiver
) -> None:
    scene.queue(2)
    scene.back_off_from(scene.destination, time.time() + 1000)
    (scene.folder / STATE).chmod(0o666)
    assert scene.deliver().sent == 2
