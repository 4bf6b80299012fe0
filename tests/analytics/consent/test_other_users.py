"""Homes and queues that belong to another user: under sudo, in a container, after either."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import configargparse
import pytest

import cecli
from cecli.analytics.consent.file import ConsentFile
from cecli.analytics.delivery.start import GUARD
from cecli.analytics.destination import Destination
from tests.analytics.scene import KEY, Scene
from tests.support import ANOTHER, needs_root
from tools.user import SCRIPTS, Home, Terminal

pytestmark = needs_root
CECLI, SCRIPT = (str(SCRIPTS / name) for name in ("cecli", "cecli-analytics"))
HOST = "http://127.0.0.1:9"
ROOT, NOBODY = 0, ANOTHER
AS = (
    "import os, sys; user = int(sys.argv[1]); os.setgroups([]); os.setgid(user); os.setuid(user); "
    "os.execv(sys.argv[2], sys.argv[2:])"
)
"""Turns into a program that a user runs, whose number comes before its words."""
PYTHONS = (sys.executable, "/usr/bin/python3")
"""The first may lie in root's own home, where nobody else comes to it."""
PACKAGES = [
    os.path.dirname(os.path.dirname(cecli.__file__)),
    os.path.dirname(configargparse.__file__),
]


class OwnedHome(Home):
    """A home that a user owns, in which a user, perhaps another one, runs programs."""

    def __init__(self, home: Path, *, owner: int, user: int) -> None:
        super().__init__(home)
        self.owner, self.user, self.python = owner, user, sys.executable
        self.environ |= {
            "PYTHONPATH": os.pathsep.join(PACKAGES),
            GUARD: "x",  # nothing is to be delivered
            "CECLI_ANALYTICS_POSTHOG_HOST": HOST,
            "CECLI_ANALYTICS_POSTHOG_PROJECT_API_KEY": KEY,
        }

    def give(self, user: int) -> None:
        """Let a user own the home and all in it."""
        for path in (self.home, *self.home.rglob("*")):
            os.chown(path, user, user)

    def fill(self, *, refused: bool = False) -> None:
        """Let its owner have agreed, with an event that waits, or then have refused."""
        self.give(ROOT)  # who alone can be this process's user
        Scene(self.home, HOST).queue(1)
        if refused:
            ConsentFile(self.paths).disable()
        self.give(self.owner)

    def run(
        self, *words: str | Path, variables: Mapping[str, str] | None = None, **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run a Python program as the user who is in this home."""
        words = (sys.executable, "-c", AS, str(self.user), self.python, *words)
        return super().run(*words, variables=variables, **{"cwd": "/", **options})

    def terminal(self, *command: str) -> Terminal:
        words = ("-c", AS, str(self.user), self.python, *command)
        return Terminal(*words, cwd="/", env=self.process_environ())

    def all(self) -> dict[str, tuple[int, int, bytes]]:
        """Return all that is in the home: owner, mode and content."""
        found = {}
        for path in (self.home, *self.home.rglob("*")):
            status = path.lstat()
            content = path.read_bytes() if path.is_file() else b""
            found[str(path.relative_to(self.home))] = (status.st_uid, status.st_mode, content)
        return found


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder that every user can come to, unlike those of pytest."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        (Path(name) / "home").mkdir(mode=0o755)
        yield Path(name)


def owned(folder: Path, *, owner: int, user: int) -> OwnedHome:
    made = OwnedHome(folder / "home", owner=owner, user=user)
    made.give(owner)
    for made.python in PYTHONS:
        if made.run("-c", "import configargparse, cecli.main").returncode == 0:
            return made
    pytest.skip("the second user can't come to a Python")


FOREIGN = {"under sudo": (NOBODY, ROOT), "as in a container": (ROOT, NOBODY)}
"""Whose the home is, and who runs programs in it."""


@pytest.fixture(params=FOREIGN.values(), ids=list(FOREIGN))
def foreign(folder: Path, request: pytest.FixtureRequest) -> OwnedHome:
    owner, user = request.param
    return owned(folder, owner=owner, user=user)


@pytest.fixture(params=[ROOT, NOBODY], ids=["root", "nobody"])
def own(folder: Path, request: pytest.FixtureRequest) -> OwnedHome:
    return owned(folder, owner=request.param, user=request.param)


# -- a home of another user


def why(home: OwnedHome) -> str:
    return f"the home folder {home.home} belongs to another user; HOME should name your own"


def test_a_session_in_another_users_home_asks_nothing_and_creates_nothing(
    foreign: OwnedHome,
) -> None:
    before = foreign.all()
    terminal = foreign.terminal(CECLI, "--analytics")
    assert terminal.finish() == 0
    assert f"off: {why(foreign)}\n" in terminal.shown
    assert f"cecli: --analytics has no effect: {why(foreign)}\n" in terminal.shown
    assert "Allow collection" not in terminal.shown
    assert foreign.all() == before


def test_a_session_in_a_home_of_ones_own_asks_and_keeps_the_answer(own: OwnedHome) -> None:
    terminal = own.terminal(CECLI, "--analytics")
    terminal.wait_for("[Yes]: ")
    terminal.type("yes\n")
    assert terminal.finish() == 0
    assert "on: you agreed" in terminal.shown
    assert {owner for owner, _, _ in own.all().values()} == {own.user}
    assert own.run(CECLI, "--analytics-disable").returncode == 0


def test_a_refusal_is_stored_also_in_a_folder_of_ones_own_that_cant_be_written(
    folder: Path,
) -> None:
    nobody = owned(folder, owner=NOBODY, user=NOBODY)
    nobody.fill()
    nobody.consent.parent.chmod(0o500)
    done = nobody.run(CECLI, "--analytics-disable")
    record = json.loads(nobody.consent.read_bytes())
    assert (done.returncode, record["permanently_disable"], record["uuid"]) == (0, True, None)


@pytest.mark.parametrize("refused", [False, True], ids=["agreed", "disabled"])
def test_what_another_user_has_answered_and_queued_stays_as_it_is(
    foreign: OwnedHome, refused: bool
) -> None:
    foreign.fill(refused=refused)
    before = foreign.all()
    done = foreign.run(CECLI)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"off: {why(foreign)}\n" in done.stdout
    assert foreign.all() == before


def test_a_log_that_the_user_names_works_in_any_home(foreign: OwnedHome, folder: Path) -> None:
    logs = folder / "logs"
    logs.mkdir()
    os.chown(logs, foreign.user, foreign.user)
    before = foreign.all()
    done = foreign.run(CECLI, "--analytics-log", str(logs / "log.jsonl"))
    assert f"log only: {why(foreign)}\n" in done.stdout
    events = [json.loads(line)["event"] for line in (logs / "log.jsonl").read_text().splitlines()]
    assert events == ["launched", "exit"]
    assert foreign.all() == before


def test_status_and_deliver_say_whose_home_it_is(foreign: OwnedHome) -> None:
    foreign.fill()
    before = foreign.all()
    status, deliver = foreign.run(SCRIPT, "status"), foreign.run(SCRIPT, "deliver")
    assert f"is off: {why(foreign)}" in " ".join(status.stdout.split())
    assert "trouble" not in status.stdout  # the queue is where it belongs
    assert (status.returncode, deliver.returncode) == (3, 1)
    assert deliver.stderr == f"cecli-analytics: nothing was sent: {why(foreign)}\n"
    assert foreign.all() == before


@pytest.mark.parametrize("more", [[], ["--no-analytics=x"]], ids=["alone", "beside a mistake"])
def test_a_disable_in_another_users_home_is_refused_in_one_sentence(
    foreign: OwnedHome, more: list[str]
) -> None:
    foreign.fill()
    before = foreign.all()
    done = foreign.run(CECLI, "--analytics-disable", *more)
    assert (done.returncode, done.stdout) == (1, "")
    told = f"analytics is off for this session, but not for good: {why(foreign)}\n"
    assert done.stderr.endswith(told)
    assert done.stderr.count("\n") == 1 + len(more)
    assert foreign.all() == before


def test_a_disable_by_a_variable_is_told_and_touches_no_other_users_home(
    foreign: OwnedHome,
) -> None:
    foreign.fill()
    before = foreign.all()
    done = foreign.run(CECLI, variables={"CECLI_ANALYTICS_DISABLE": "1"})
    assert done.returncode == 0
    assert f"not for good: {why(foreign)}\n" in done.stderr
    assert "off: CECLI_ANALYTICS_DISABLE=true" in done.stdout
    assert foreign.all() == before


def test_a_link_counts_as_the_folder_that_it_leads_to(folder: Path) -> None:
    linked = owned(folder, owner=NOBODY, user=ROOT)
    (folder / "link").symlink_to(linked.home)
    done = linked.run(CECLI, variables={"HOME": str(folder / "link")})
    assert f"off: the home folder {folder / 'link'} belongs to another user" in done.stdout


def test_no_home_is_made_where_there_is_none(folder: Path) -> None:
    made = owned(folder, owner=ROOT, user=ROOT)
    absent = folder / "absent"
    shown = f"the home folder {absent} can't be found: no such file or directory"
    session = made.run(CECLI, variables={"HOME": str(absent)})
    disable = made.run(CECLI, "--analytics-disable", variables={"HOME": str(absent)})
    assert f"off: {shown}\n" in session.stdout
    assert (disable.returncode, disable.stderr.endswith(f"not for good: {shown}\n")) == (1, True)
    assert not absent.exists()


# -- a queue of another user in a home of one's own


@pytest.fixture(params=[0o700, 0o755], ids=["closed", "open"])
def strange_queue(own: OwnedHome, request: pytest.FixtureRequest) -> OwnedHome:
    """Let another user own the queue, as after a session under sudo."""
    own.fill()
    queue = Path(own.paths.spool)
    other = NOBODY if own.user == ROOT else ROOT
    queue.chmod(request.param)
    for path in (queue, *queue.iterdir()):
        os.chown(path, other, other)
    return own


def trouble(home: OwnedHome) -> str:
    return f"belongs to another user; delete it: sudo rm -r {home.paths.spool}\n"


def test_a_queue_of_another_user_is_told_once_in_a_session_and_gets_nothing(
    strange_queue: OwnedHome,
) -> None:
    before = strange_queue.all()
    done = strange_queue.run(CECLI)
    assert "on: you agreed" in done.stdout
    assert done.stderr == (
        "cecli: warning: no event can be queued or sent: ~/.cecli/analytics-spool "
        + trouble(strange_queue)
    )
    assert strange_queue.all() == before


def test_a_queue_of_another_user_is_told_by_status_and_deliver(strange_queue: OwnedHome) -> None:
    before = strange_queue.all()
    status = strange_queue.run(SCRIPT, "status")
    deliver = strange_queue.run(SCRIPT, "deliver")
    told = f"~/.cecli/analytics-spool {trouble(strange_queue)}"
    assert "trouble no event can be queued or sent: " + told.strip() in " ".join(
        status.stdout.split()
    )
    assert deliver.stderr == f"cecli-analytics: nothing was sent: {told}"
    assert (status.returncode, deliver.returncode) == (0, 1)
    assert strange_queue.all() == before


def test_a_disable_says_what_remains_in_a_queue_of_another_user(strange_queue: OwnedHome) -> None:
    done = strange_queue.run(CECLI, "--analytics-disable")
    assert json.loads(strange_queue.consent.read_text())["permanently_disable"]
    if strange_queue.user == ROOT:  # who can empty anybody's
        assert done.returncode == 0
        assert not Path(strange_queue.paths.spool).exists()
        return
    told = f"unsent events remain in ~/.cecli/analytics-spool, which {trouble(strange_queue)}"
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"cecli: error: analytics is permanently disabled, but {told}"
    later = strange_queue.run(CECLI)
    assert f"cecli: analytics is permanently disabled, but {told}" in later.stderr


def test_an_empty_queue_of_another_user_is_no_obstacle_to_a_disable(own: OwnedHome) -> None:
    own.give(ROOT)
    own.agree(Destination(HOST, KEY))
    queue = Path(own.paths.spool)
    queue.mkdir()
    own.give(own.user)
    os.chown(queue, 1, 1)
    queue.chmod(0o755)
    assert own.run(CECLI, "--analytics-disable").returncode == 0
    assert not queue.exists()
