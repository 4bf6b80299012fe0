"""An Analytics that is handed to another process records there, if the user still agrees."""

from __future__ import annotations

import json
import multiprocessing
import pickle
import sys
from collections import Counter
from pathlib import Path

import pytest

from cecli.analytics import Analytics
from cecli.analytics.delivery.start import GUARD
from cecli.analytics.destination import Destination
from cecli.analytics.testing import RecordingAnalytics
from tests.analytics.faults import FaultyReceiver
from tests.analytics.kept import STATUS, Kept
from tests.analytics.scene import Scene
from tools.user import User, until

PROGRAM = str(Path(__file__).with_name("handed_program.py"))
WAYS = multiprocessing.get_all_start_methods()
ways = pytest.mark.parametrize("way", WAYS)
OURS = Destination("http://127.0.0.1:9", "phc_test_key")


def run(user: User, how: str, way: str, *argv: str) -> str:
    """Run the program as a user who has agreed; return its output."""
    user.agree(OURS)
    user.environ[GUARD] = "no deliverer"  # what is queued stays, for the test to see
    host = ["--analytics-posthog-host", OURS.host]
    key = ["--analytics-posthog-project-api-key", str(OURS.key)]
    ended = user.run(sys.executable, PROGRAM, *host, *key, *argv, how, way, cwd=user.folder)
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


def queued(user: User) -> list[dict[str, object]]:
    """Return the events that wait, in whatever segment they lie."""
    spool = Path(user.paths.spool)
    files = [path for path in spool.iterdir() if path.suffix in (".open", ".ready", ".claimed")]
    lines = [line for path in files for line in path.read_bytes().splitlines()]
    return [event for line in lines if "event" in (event := json.loads(line))]


@ways
@pytest.mark.parametrize("how", ["close", "leave open"])
def test_a_child_records_in_files_of_its_own(user: User, how: str, way: str) -> None:
    log = user.home / "log.jsonl"
    assert run(user, how, way, "--analytics-log", str(log)) == "0\n"
    logged = [json.loads(line) for line in log.read_text().splitlines()]
    assert Counter(event["event"] for event in logged) == {"command_show": 1, "command_add": 3}
    assert len({event["user_id"] for event in logged}) == 1
    by_uuid = {event["uuid"]: event for event in logged}
    assert {event["uuid"]: event for event in queued(user)} == by_uuid


@ways
def test_a_child_reads_the_consent_again(user: User, way: str) -> None:
    shown = run(user, "disabled", way)
    assert not Path(user.paths.spool).exists()
    if way != "fork":  # a forked child has what its parent has: its events find no queue
        assert shown.startswith("off ")


def test_what_a_child_recorded_arrives_once(scene: Scene, receiver: FaultyReceiver) -> None:
    host = ["--analytics-posthog-host", scene.destination.host]
    key = ["--analytics-posthog-project-api-key", str(scene.destination.key)]
    ended = scene.run(sys.executable, PROGRAM, *host, *key, "leave open", "spawn")
    assert (ended.returncode, ended.stderr) == (0, "")
    until(lambda: len(receiver.items) == 4, "the events of both processes")
    assert Counter(event["event"] for event in receiver.items) == {
        "command_show": 1,
        "command_add": 3,
    }


@pytest.mark.parametrize("way", [way for way in WAYS if way != "fork"])
def test_a_process_that_is_handed_it_often_has_one_recorder(user: User, way: str) -> None:
    assert json.loads(run(user, "pool", way)) == [4, 1, "on"]
    assert len(queued(user)) == 4


def test_in_its_own_process_it_stays_what_it_is(user: User) -> None:
    assert run(user, "same", "spawn") == "True\n"


def test_nothing_of_the_environment_goes_with_it(user: User) -> None:
    secret = "SECRET-of-the-environment"
    user.environ["TOKEN"] = secret
    assert secret not in run(user, "size", "spawn")


@ways
def test_what_is_closed_is_off_in_a_child_too(user: User, way: str) -> None:
    assert run(user, "closed", way) == "0\n"
    assert not Path(user.paths.spool).exists()


def test_what_is_off_is_off_in_a_child_too() -> None:
    copied = pickle.loads(pickle.dumps(Analytics(STATUS._replace(state="off"))))
    copied.event("launched")
    assert copied.status.state == "off"


def test_a_recorder_of_a_test_says_that_it_cant_be_handed_on() -> None:
    with pytest.raises(TypeError, match="a RecordingAnalytics that resolve hasn't made"):
        pickle.dumps(RecordingAnalytics())


def test_a_session_that_was_handed_on_starts_a_deliverer_for_its_children(tmp_path: Path) -> None:
    kept = Kept(tmp_path, elsewhere=_nowhere)
    pickle.dumps(kept.analytics)
    kept.analytics.close()
    assert kept.started == 1


def _nowhere(token: str) -> Analytics:
    raise NotImplementedError
