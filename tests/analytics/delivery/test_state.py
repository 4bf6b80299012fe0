"""What deliverers remember, and that nothing of it can be damaged into a silence."""

from __future__ import annotations

import pytest

from cecli.analytics.delivery import state
from cecli.analytics.delivery.launch import launch
from cecli.analytics.delivery.state import LONGEST_DELAY, BackOff, State
from tests.analytics.scene import Scene
from tests.support import largest_file

HUGE = "-" + "9" * 400
RESTING = '"dropped":0,"damaged":0,"set_aside":0,"not_agreed":0,"last_time":0,"last_result":""'


def test_any_number_of_failures_can_be_followed_by_one_more(scene: Scene) -> None:
    scene.queue(1)
    text = f'{{"back_offs":{{"{scene.destination.id}":[{HUGE},0,"x"]}},{RESTING}}}'
    (scene.folder / state.FILE).write_text(text)
    assert scene.back_off == BackOff(0, 0, "x")
    assert scene.deliver().sent == 1


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"back_offs": {"x": 1}}', "[" * 100_000])
def test_a_damaged_state_counts_as_none(scene: Scene, damage: str) -> None:
    scene.queue(1)
    (scene.folder / state.FILE).write_text(damage)
    assert vars(scene.state) == vars(State())
    assert launch(scene.paths, scene.destination)


def test_a_state_comes_back_as_it_was_saved_and_nothing_lies_beside_it(scene: Scene) -> None:
    scene.queue(1)
    saved = State()
    saved.back_offs[scene.destination.id] = BackOff(3, 1e9, "status 503")
    saved.dropped, saved.damaged, saved.set_aside, saved.not_agreed = 1, 2, 3, 4
    saved.last_time, saved.last_result = 5.5, "sent 1"
    before = set(scene.folder.iterdir())
    state.save(scene.paths.spool, saved)
    assert vars(scene.state) == vars(saved)
    assert set(scene.folder.iterdir()) - before == {scene.folder / state.FILE}


def test_where_a_state_cant_be_written_the_old_one_stands(scene: Scene) -> None:
    scene.queue(1)
    old, new = State(), State()
    old.dropped, new.dropped = 1, 2
    state.save(scene.paths.spool, old)
    before = set(scene.folder.iterdir())
    with largest_file(0):
        state.save(scene.paths.spool, new)
    assert scene.state.dropped == 1
    assert set(scene.folder.iterdir()) == before


def test_a_state_makes_no_folder(scene: Scene) -> None:
    state.save(scene.paths.spool, State())
    assert not scene.folder.exists()


@pytest.mark.parametrize(
    ("now", "is_over"),
    [
        (999, False),
        (1000, True),
        (1001, True),
        (1000 - LONGEST_DELAY, False),
        (999 - LONGEST_DELAY, True),
    ],
)
def test_a_back_off_ends_at_its_time_or_when_the_clock_was_set_back(
    now: float, is_over: bool
) -> None:
    assert BackOff(1, 1000, "").is_over(now) is is_over
