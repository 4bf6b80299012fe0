"""What deliverers remember, and that nothing of it can be damaged into a silence."""

from __future__ import annotations

import json

import pytest

from cecli.analytics.delivery.back_off import LONGEST_DELAY, RANDOM_PART, BackOff
from cecli.analytics.delivery.start import start_deliverer
from cecli.analytics.delivery.state import State, Unsent
from cecli.analytics.spool import names
from tests.analytics.scene import Scene
from tests.support import largest_file

HUGE = "-" + "9" * 400
RESTING = '"dropped":0,"damaged":0,"set_aside":0,"not_agreed":0,"last_time":0,"last_result":""'


def test_any_number_of_failures_can_be_followed_by_one_more(scene: Scene) -> None:
    scene.queue(1)
    text = f'{{"back_offs":{{"{scene.destination.id}":[{HUGE},0,"x"]}},{RESTING}}}'
    (scene.folder / names.STATE).write_text(text)
    assert scene.back_off == BackOff(0, 0, "x")
    assert scene.deliver().sent == 1


DAMAGES = [
    *("", "{", "[]", "{}", "[" * 100_000, "\0", '{"back_offs": {}}', '{"back_offs": {"x": 1}}'),
    f'{{"back_offs":{{"x":[1,2]}},{RESTING}}}',
    f'{{"back_offs":{{"x":[1,NaN,"why"]}},{RESTING}}}',
    f'{{"back_offs":{{"x":[true,2,"why"]}},{RESTING}}}',
    f'{{"back_offs":{{"x":[1,2,3]}},{RESTING}}}',
    f'{{"back_offs":[],{RESTING}}}',
    f'{{"back_offs":{{}},"back_offs":{{}},{RESTING}}}',
    f'{{"back_offs":{{}},{RESTING[:-2]}5}}',
    f'{{"back_offs":{{}},{RESTING}}}' + " " * 300_000,
]


@pytest.mark.parametrize("damage", DAMAGES, ids=range(len(DAMAGES)))
def test_a_damaged_state_counts_as_none(scene: Scene, damage: str) -> None:
    scene.queue(1)
    (scene.folder / names.STATE).write_text(damage)
    assert vars(scene.state) == vars(State(scene.paths.spool))
    assert start_deliverer(scene.paths, scene.destination)


def test_a_state_comes_back_as_it_was_saved_and_nothing_lies_beside_it(scene: Scene) -> None:
    scene.queue(1)
    saved = State(scene.paths.spool)
    saved.back_offs[scene.destination.id] = BackOff(3, 1e9, "status 503")
    saved.unsent = Unsent(dropped=1, damaged=2, set_aside=3, not_agreed=4)
    saved.last_time, saved.last_result = 5.5, "sent 1"
    before = set(scene.folder.iterdir())
    saved.save()
    assert vars(scene.state) == vars(saved)
    assert set(scene.folder.iterdir()) - before == {scene.folder / names.STATE}


def test_a_state_of_an_earlier_version_is_read(scene: Scene) -> None:
    scene.queue(1)
    earlier = {
        "back_offs": {"https://x": [2, 1e9, "status 503"]},
        "dropped": 1,
        "damaged": 2,
        "set_aside": 3,
        "not_agreed": 4,
        "last_time": 5.5,
        "last_result": "sent 1 event",
    }
    (scene.folder / names.STATE).write_text(json.dumps(earlier))
    assert scene.state.back_offs == {"https://x": BackOff(2, 1e9, "status 503")}
    assert scene.state.unsent == Unsent(1, 2, 3, 4)
    assert (scene.state.last_time, scene.state.last_result) == (5.5, "sent 1 event")
    scene.state.save()
    assert json.loads((scene.folder / names.STATE).read_text()) == earlier


def test_where_a_state_cant_be_written_the_old_one_stands(scene: Scene) -> None:
    scene.queue(1)
    old, new = State(scene.paths.spool), State(scene.paths.spool)
    old.count(Unsent(dropped=1))
    new.count(Unsent(dropped=2))
    old.save()
    before = set(scene.folder.iterdir())
    with largest_file(0):
        new.save()
    assert scene.state.unsent.dropped == 1
    assert set(scene.folder.iterdir()) == before


def test_a_state_makes_no_folder(scene: Scene) -> None:
    State(scene.paths.spool).save()
    assert not scene.folder.exists()


@pytest.mark.parametrize(
    ("now", "is_over"),
    [
        (999, False),
        (1000, True),
        (1001, True),
        (1000 - LONGEST_DELAY * (1 + RANDOM_PART), False),
        (999 - LONGEST_DELAY * (1 + RANDOM_PART), True),
    ],
)
def test_a_back_off_ends_at_its_time_or_when_the_clock_was_set_back(
    now: float, is_over: bool
) -> None:
    assert BackOff(1, 1000, "").is_over(now) is is_over
