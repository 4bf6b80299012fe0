"""Counts of lost events, until a session has told them once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cecli.analytics import ids
from cecli.analytics.catalogue.declaration import Catalogue
from cecli.analytics.catalogue.sanitiser import Sanitiser
from cecli.analytics.consent.file import ConsentFile
from cecli.analytics.destination import Destination
from cecli.analytics.spool.losses import Losses
from cecli.analytics.spool.queue import Queue
from cecli.analytics.spool.segment import OLDEST_SECONDS, Lost
from tests.analytics.faults import FaultyReceiver
from tests.analytics.samples import FACTS
from tests.analytics.scene import KEY, Scene, line
from tests.support import RESOLVES, WAIT, all_at_once, largest_file
from tools.user import PATIENCE
from tools.wire import as_logged

OPTION = "--analytics-posthog-host"
SANITISE = Sanitiser(Catalogue(), ids.new(), FACTS).sanitise


def lose(scene: Scene, *lost: Lost, destination: Destination | None = None) -> None:
    scene.folder.mkdir(exist_ok=True)
    place = destination or scene.destination
    for each in lost:
        Losses(scene.paths.spool).add(place.target, each)


def session(scene: Scene, code: str = "", **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a program with the scene's destination; it logs to ``session-x.jsonl``."""
    log = str(scene.home / "session-x.jsonl")
    host = scene.destination.host
    return subprocess.run(
        [sys.executable, "-c", code + RESOLVES, "--analytics-log", log, OPTION, host],
        env={**os.environ, "CECLI_ANALYTICS_POSTHOG_PROJECT_API_KEY": KEY, "CECLI_DELIVERER": "x"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        **options,
    )


def told(events: list[dict[str, Any]]) -> list[tuple[int, ...]]:
    found = [event["properties"] for event in events if event["event"] == "events_lost"]
    return [tuple(properties[name] for name in Lost._fields) for properties in found]


def test_a_session_tells_what_was_lost_since_the_last_one_and_the_next_tells_nothing(
    scene: Scene, receiver: FaultyReceiver
) -> None:
    lose(scene, Lost(dropped=3), Lost(damaged=1), Lost(dropped=2, set_aside=4))
    for _ in range(2):
        assert session(scene).returncode == 0
    assert told(scene.logged()) == [(5, 1, 4)]
    scene.deliver()
    assert told(receiver.items) == [(5, 1, 4)]
    assert [as_logged(item) for item in receiver.items] == scene.logged()
    lose(scene, Lost(damaged=7))
    session(scene)
    assert told(scene.logged()) == [(5, 1, 4), (0, 7, 0)]


def test_where_nothing_was_lost_nothing_is_told(scene: Scene) -> None:
    lose(scene, Lost())
    session(scene)
    assert scene.logged() == []
    assert scene.waiting == []


def test_every_kind_of_loss_comes_from_a_delivery_to_the_next_session(home: Path) -> None:
    with FaultyReceiver(refuses=lambda item: item["event"] == "bad") as receiver:
        scene = Scene(home, receiver.url)
        scene.queue(4)
        (old,) = scene.folder.iterdir()
        age = f"{int((time.time() - OLDEST_SECONDS - 60) * 1000):013d}"
        old.rename(scene.folder / (age + old.name[13:]))
        scene.queue_lines([*scene.lines(3), b"{}\n", line(scene.user_id, "bad")])
        done = scene.deliver()
        assert (done.sent, done.unsent[:3]) == (3, (4, 1, 1))
        session(scene)
    assert told(scene.logged()) == [(4, 1, 1)]


def test_losses_whose_telling_is_too_old_to_be_sent_are_told_again(scene: Scene) -> None:
    lose(scene, Lost(dropped=1, damaged=2, set_aside=3))
    session(scene)
    (told_file,) = scene.folder.glob("*.ready")
    age = f"{int((time.time() - OLDEST_SECONDS - 60) * 1000):013d}"
    told_file.rename(scene.folder / (age + told_file.name[13:]))
    scene.deliver()
    session(scene)
    assert told(scene.logged()) == [(1, 2, 3), (1, 2, 3)]


def test_who_takes_back_the_yes_to_a_destination_has_nothing_told_to_it(scene: Scene) -> None:
    other = Destination("https://other.example.com", KEY)
    lose(scene, Lost(dropped=1))
    lose(scene, Lost(dropped=10), destination=other)
    Queue(scene.paths.spool).forget(other.id)
    session(scene)
    assert told(scene.logged()) == [(1, 0, 0)]
    assert not list(scene.folder.glob("lost-*"))


def test_what_the_user_has_not_agreed_to_send_is_no_loss(scene: Scene) -> None:
    scene.queue_lines([line("0609e6b8-96b2-4cf2-8b97-55355c62d373")])
    assert scene.deliver().unsent.not_agreed == 1
    session(scene)
    assert told(scene.logged()) == []


def test_each_destination_is_told_of_its_own_losses_alone(scene: Scene) -> None:
    other = Destination("https://other.example.com", KEY)
    lose(scene, Lost(dropped=1))
    lose(scene, Lost(dropped=10), destination=other)
    session(scene)
    session(scene)
    assert told(scene.logged()) == [(1, 0, 0)]
    scene.destination = other
    scene.agree(other)
    session(scene)
    assert told(scene.logged()) == [(1, 0, 0), (10, 0, 0)]


@pytest.mark.parametrize("how", ["never asked", "no", "--no-analytics", "another destination"])
def test_without_consent_nothing_is_told(home: Path, how: str) -> None:
    scene = Scene(home, "https://posthog.example.com")
    lose(scene, Lost(dropped=1))
    resting = {file.name for file in scene.folder.iterdir()}
    if how == "never asked":
        scene.consent.unlink()
    elif how == "no":
        scene.agree(scene.destination, agreed=False)
    elif how == "another destination":
        scene.destination = Destination("https://other.example.com", KEY)
    code = "import sys; sys.argv.append('--no-analytics')" if how.startswith("--") else ""
    assert session(scene, code).returncode == 0
    assert told(scene.logged()) == []
    assert {file.name for file in scene.folder.iterdir()} == resting


def test_a_disable_forgets_the_counts(scene: Scene) -> None:
    lose(scene, Lost(dropped=1))
    assert scene.cecli("--analytics-disable").returncode == 0
    assert not scene.folder.exists()


def test_of_sessions_that_start_at_once_one_tells(scene: Scene, receiver: FaultyReceiver) -> None:
    lose(scene, Lost(dropped=1))
    os.environ["CECLI_DELIVERER"] = "x"  # none is to be started
    os.environ["CECLI_ANALYTICS_POSTHOG_PROJECT_API_KEY"] = KEY
    host = [OPTION, scene.destination.host]
    ended = all_at_once(
        [
            [
                "-c",
                WAIT + RESOLVES,
                *host,
                "--analytics-log",
                str(scene.home / f"session-{n}.jsonl"),
            ]
            for n in range(12)
        ],
        cwd=scene.home,
        env=os.environ,
    )
    assert [code for code, _ in ended] == [0] * 12
    assert told(scene.logged()) == [(1, 0, 0)]
    scene.deliver()
    assert told(receiver.items) == [(1, 0, 0)]


STEPS = ("os.rename", "open", "os.open")
KILLED = """
import os, signal, sys
seen = 0
def kill(event, args):
    global seen
    spooled = event in {steps} and any("analytics-spool" in str(arg) for arg in args)
    logged = event in {steps} and any("session-x.jsonl" in str(arg) for arg in args)
    if spooled or logged:
        seen += 1
        if seen == {at}:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(kill)
"""


def test_wherever_a_session_is_killed_the_counts_arrive_once(home: Path) -> None:
    """It is killed before each of its steps in the folder and in the log, one after the other."""
    arrived: Counter[int] = Counter()
    killed = 0
    with FaultyReceiver() as receiver:
        scene = Scene(home, receiver.url)
        for at in range(1, 40):
            lose(scene, Lost(dropped=at))
            ended = session(scene, KILLED.format(steps=STEPS, at=at))
            killed += ended.returncode == -signal.SIGKILL
            scene.deliver()  # adopts what it has left
            session(scene)
            scene.deliver()
            arrived.update(dropped for dropped, *_ in told(receiver.items))
            receiver.items.clear()
            if ended.returncode == 0:
                break
            assert ended.returncode == -signal.SIGKILL, ended
    assert killed >= 5
    assert arrived == Counter(range(1, at + 1))
    assert not list(scene.folder.glob("lost-*"))


def test_a_log_that_takes_nothing_leaves_the_counts_to_the_next_session(scene: Scene) -> None:
    lose(scene, Lost(dropped=1))

    def fail(_: bytes) -> None:
        raise OSError

    Losses(scene.paths.spool).tell(scene.destination.id, SANITISE, fail)
    assert scene.deliver().sent == 0
    session(scene)
    assert told(scene.logged()) == [(1, 0, 0)]


def test_a_full_disk_leaves_the_counts_to_the_next_session(scene: Scene) -> None:
    lose(scene, Lost(dropped=1))
    (file,) = scene.folder.iterdir()
    with largest_file(file.stat().st_size + 10):
        Losses(scene.paths.spool).tell(scene.destination.id, SANITISE, None)
    (left,) = scene.folder.iterdir()
    assert left.read_bytes().count(b"\n") == 1
    scene.deliver()
    session(scene)
    assert told(scene.logged()) == [(1, 0, 0)]


def test_only_eight_destinations_are_remembered(scene: Scene) -> None:
    hosts = [f"https://{number}.example.com" for number in range(10)]
    for host in hosts:
        for _ in range(2):
            lose(scene, Lost(dropped=1), destination=Destination(host, KEY))
    assert len(list(scene.folder.iterdir())) == 8


def test_a_deliverer_that_is_killed_while_it_counts_loses_no_count(scene: Scene) -> None:
    lose(scene, Lost(dropped=1))
    code = (
        "import os, sys\n"
        "sys.addaudithook(lambda event, args: event == 'os.rename' and 'lost-' in str(args[1])"
        " and os.kill(os.getpid(), 9))\n"
        "from cecli.analytics.destination import Destination\n"
        "from cecli.analytics.spool.losses import Losses\n"
        "from cecli.analytics.spool.segment import Lost\n"
        "place = Destination(sys.argv[2], sys.argv[3])\n"
        "Losses(sys.argv[1]).add(place.target, Lost(dropped=2))\n"
    )
    place = scene.destination
    words = [sys.executable, "-c", code, scene.paths.spool, place.host, str(place.key)]
    assert subprocess.run(words, check=False).returncode == -signal.SIGKILL
    assert scene.waiting == ["claimed"]
    scene.deliver()
    session(scene)
    assert sum(dropped for dropped, *_ in told(scene.logged())) in (1, 3)


@pytest.mark.parametrize("how", ["damage", "others can write it", "a link"])
def test_a_file_of_counts_that_cant_be_trusted_tells_nothing(
    scene: Scene, tmp_path: Path, how: str
) -> None:
    lose(scene, Lost(dropped=1))
    (file,) = scene.folder.iterdir()
    if how == "damage":
        file.write_text("{}")
    elif how == "a link":
        file.rename(tmp_path / "elsewhere")
        file.symlink_to(tmp_path / "elsewhere")
    else:
        file.chmod(0o666)
    session(scene)
    assert told(scene.logged()) == []


def test_counts_are_no_event_that_waits(scene: Scene) -> None:
    lose(scene, Lost(dropped=1))
    assert Queue(scene.paths.spool).segments() == []
    assert scene.deliver().sent == 0


def test_nothing_but_counts_and_the_destination_is_kept(scene: Scene) -> None:
    lose(scene, Lost(dropped=1))
    (file,) = scene.folder.iterdir()
    assert json.loads(file.read_text()).keys() == {"host", "key", "destination", "lost"}
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_gone_is_not_made_for_counts(scene: Scene) -> None:
    ConsentFile(scene.paths).disable()
    place = scene.destination
    Losses(scene.paths.spool).add(place.target, Lost(dropped=1))
    Losses(scene.paths.spool).tell(place.id, SANITISE, None)
    assert not scene.folder.exists()
