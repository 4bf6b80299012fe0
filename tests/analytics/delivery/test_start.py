"""The deliverer that a session starts: when, as what, and what it doesn't take along."""

from __future__ import annotations

import json
import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from cecli.analytics.delivery.back_off import LONGEST_DELAY
from cecli.analytics.delivery.start import GUARD, start_deliverer
from cecli.analytics.destination import Destination
from cecli.analytics.inspection.receiver import Receiver
from cecli.analytics.spool import names
from cecli.analytics.spool.token import Token
from tests.analytics import recording_program
from tests.analytics.scene import KEY, Scene, uuids
from tests.support import NETWORK, PROGRAM, SLOW
from tools.user import Terminal, until


def test_a_sessions_events_arrive_and_it_has_loaded_nothing_for_it(
    scene: Scene, receiver: Receiver
) -> None:
    with scene.start_session(10) as session:
        out, err = session.communicate()
    told = json.loads(err)
    assert (told["started"], told["threads"]) == (True, 1)
    assert not set(told["loaded"]) & (NETWORK | SLOW - {"threading"})  # for its locks
    until(lambda: len(receiver.items) == 10)
    assert uuids(receiver.items) == out.split()
    scene.wait_for_quiet()
    assert scene.waiting == []


def test_a_hanging_server_keeps_no_session_and_no_reader_of_its_pipes_waiting(
    scene: Scene, receiver: Receiver
) -> None:
    receiver.mode = "hang"
    reading, writing = os.pipe()
    with scene.start_session(1, pass_fds=[writing]) as session:
        os.close(writing)
        session.communicate()
    until(lambda: receiver.requests)
    assert os.read(reading, 1) == b""  # at once: the deliverer doesn't hold the other end
    os.close(reading)
    assert Token(scene.paths.spool).is_taken()
    os.kill(scene.wait_for_deliverer(), 9)


class Seen(NamedTuple):
    """What a deliverer in the midst of a request is seen to have."""

    home: str
    environ: dict[str, str]
    command: str
    files: set[str]
    folder: str
    parent: int
    session: int
    host: int
    """The number of the process that started it."""


@pytest.fixture
def seen(scene: Scene, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Seen:
    if sys.platform != "linux":
        pytest.skip("looks into /proc")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    receiver.mode = "hang"
    with scene.start_session(1, cwd=tmp_path) as session:
        session.communicate()
    until(lambda: receiver.requests)
    pid = scene.wait_for_deliverer()
    proc = Path(f"/proc/{pid}")
    variables = (proc / "environ").read_text().split("\0")
    seen = Seen(
        home=scene.paths.home,
        environ=dict(entry.split("=", 1) for entry in variables if entry),
        command=(proc / "cmdline").read_text(),
        files={os.path.realpath(file) for file in (proc / "fd").iterdir()},
        folder=os.readlink(proc / "cwd"),
        parent=int((proc / "stat").read_text().rpartition(")")[2].split()[1]),
        session=os.getsid(pid),
        host=session.pid,
    )
    os.kill(pid, 9)
    return seen


def test_the_deliverers_environment_has_what_it_needs_and_no_key_of_its_hosts(seen: Seen) -> None:
    assert (seen.environ["LC_ALL"], seen.environ["HOME"]) == ("C.UTF-8", seen.home)
    assert "OPENAI_API_KEY" not in seen.environ


def test_the_deliverers_command_line_names_neither_key_nor_home(seen: Seen) -> None:
    assert KEY not in seen.command
    assert seen.home not in seen.command


def test_the_deliverer_is_told_that_nobody_sits_at_its_hosts_terminal(seen: Seen) -> None:
    assert "attended=False" in seen.command


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_deliverer_of_a_session_at_a_terminal_is_told_so(
    scene: Scene, receiver: Receiver, tmp_path: Path
) -> None:
    receiver.mode = "hang"
    host = ["--analytics-posthog-host", scene.destination.host]
    environ = scene.process_environ({"CECLI_ANALYTICS_POSTHOG_PROJECT_API_KEY": KEY})
    terminal = Terminal(recording_program.__file__, "1", *host, cwd=tmp_path, env=environ)
    terminal.type("\x04")
    terminal.finish()
    until(lambda: receiver.requests)
    pid = scene.wait_for_deliverer()
    assert "attended=True" in Path(f"/proc/{pid}/cmdline").read_text()
    os.kill(pid, 9)


def test_the_deliverer_has_no_file_of_its_hosts(seen: Seen) -> None:
    assert all(file == "/dev/null" or "socket:" in file for file in seen.files)


def test_the_deliverer_stands_in_no_folder_of_its_hosts(seen: Seen) -> None:
    assert seen.folder == "/"


def test_the_deliverer_is_no_child_of_its_hosts_and_has_another_terminal(seen: Seen) -> None:
    assert seen.parent not in (seen.host, os.getpid())
    assert seen.session not in (os.getsid(0), seen.host)


@pytest.mark.parametrize(
    "name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "CECLI_DELIVERER", "PATH", "HOME"]
)
def test_what_a_session_loads_into_its_environment_changes_no_delivery(
    scene: Scene, receiver: Receiver, name: str
) -> None:
    loads = f"import os; os.environ[{name!r}] = 'http://127.0.0.1:9'; analytics.close()\n"
    scene.run_program(PROGRAM + loads)
    until(lambda: receiver.items, "the event")


HOSTILE = "import os; open({marker!r}, 'a').write(__name__ + '\\n')\n"


def test_nothing_in_the_sessions_folder_runs_in_the_deliverer(
    scene: Scene, receiver: Receiver, tmp_path: Path, home: Path
) -> None:
    folder, marker = tmp_path / "project", tmp_path / "ran"
    folder.mkdir()
    names = ["posthog", "requests", "json", "linecache", "sitecustomize", "usercustomize", "cecli"]
    for name in names:
        (folder / f"{name}.py").write_text(HOSTILE.format(marker=str(marker)))
    netrc = "machine 127.0.0.1 login me password secret\n"
    for holder in (folder, home):
        (holder / ".netrc").write_text(netrc)
        (holder / ".netrc").chmod(0o600)
    (folder / ".env").write_text("HTTP_PROXY=http://127.0.0.1:9\n")
    with scene.start_session(1, cwd=folder) as session:
        session.communicate()
    until(lambda: receiver.items)
    assert not marker.exists()
    assert "Authorization" not in receiver.requests[0].headers


def test_the_hosts_path_variable_is_not_the_deliverers(
    scene: Scene, receiver: Receiver, tmp_path: Path
) -> None:
    marker = tmp_path / "ran"
    (tmp_path / "posthog.py").write_text(HOSTILE.format(marker=str(marker)))
    environ = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONSTARTUP": "x", "PYTHONHOME": ""}
    scene.queue(1)
    assert start_deliverer(scene.paths, scene.destination, environ=environ)
    until(lambda: receiver.items)
    assert not marker.exists()


def test_no_child_is_left_to_the_host(scene: Scene, receiver: Receiver) -> None:
    scene.queue(1)
    # In a process of its own: this one may have children of other tests.
    program = (
        "import os\n"
        "from cecli.analytics.delivery.start import start_deliverer\n"
        "from cecli.analytics.destination import Destination\n"
        "from cecli.analytics.paths import Paths\n"
        f"started = start_deliverer(Paths({scene.paths.home!r}), {scene.destination!r})\n"
        "try:\n    os.waitpid(-1, os.WNOHANG)\n"
        "except ChildProcessError:\n    print(started, 'and no child')\n"
    )
    assert scene.run(sys.executable, "-c", program).stdout == "True and no child\n"
    until(lambda: receiver.items)


def test_a_deliverer_starts_no_other(scene: Scene) -> None:
    scene.queue(1)
    assert not start_deliverer(scene.paths, scene.destination, environ={**os.environ, GUARD: "x"})
    assert start_deliverer(scene.paths, scene.destination)


@pytest.mark.parametrize(
    ("until_", "starts"), [(1060, False), (1000, True), (1000 + 2 * LONGEST_DELAY, True)]
)
def test_a_destination_is_left_alone_until_its_back_off_is_over(
    scene: Scene, until_: float, starts: bool
) -> None:
    scene.queue(1)
    scene.back_off_from(scene.destination, until_)
    assert start_deliverer(scene.paths, scene.destination, clock=lambda: 1000) is starts


STARTS = """
import os, sys
from cecli.analytics.delivery.start import start_deliverer
from cecli.analytics.destination import Destination
from cecli.analytics.paths import Paths
assert start_deliverer(Paths(sys.argv[1]), Destination(*sys.argv[2:]))
try:
    os.wait()
except ChildProcessError:
    print("no more")
"""


def test_a_process_that_has_started_a_deliverer_has_no_child(
    scene: Scene, receiver: Receiver
) -> None:
    receiver.mode = "hang"  # so that the deliverer hasn't ended, whoever's child it is
    scene.queue(1)
    program = [sys.executable, "-c", STARTS, scene.paths.home]
    ended = scene.run(*program, scene.destination.host, KEY, check=True)
    assert ended.stdout == "no more\n"
    os.kill(scene.wait_for_deliverer(), 9)


def test_another_destinations_back_off_is_no_reason(scene: Scene) -> None:
    scene.queue(1)
    scene.back_off_from(Destination("https://other", None), 1e12)
    assert start_deliverer(scene.paths, scene.destination)


@pytest.mark.parametrize("executable", ["", "/usr/sbin/uwsgi", "/opt/app/cecli"])
def test_what_is_no_python_is_not_started(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, executable: str
) -> None:
    scene.queue(1)
    monkeypatch.setattr(sys, "executable", executable)
    assert not start_deliverer(scene.paths, scene.destination)
    assert not (scene.folder / names.TOKEN).exists()


@pytest.fixture
def failed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Return a scene whose deliverer was launched with a Python that cannot be started."""
    scene.queue(1)
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/nonexistent/python3")
        assert start_deliverer(scene.paths, scene.destination)
    os.close(writing)
    assert os.read(reading, 1) == b""  # all that was started has ended
    os.close(reading)
    return scene


def test_a_python_that_cannot_be_started_leaves_the_queue_and_the_session_alone(
    failed: Scene, receiver: Receiver
) -> None:
    assert (failed.waiting, receiver.requests) == (["ready"], [])
    try:
        ended, _ = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        ended = 0
    assert ended == 0  # all has ended, so a child of ours could be reaped now; others may live


def test_a_python_that_cannot_be_started_holds_the_token_for_no_process(failed: Scene) -> None:
    assert failed.deliverer() is None


@pytest.mark.parametrize(("age", "tried"), [(0, False), (31, True)])
def test_after_a_python_that_could_not_be_started_the_next_launch_is_tried_in_30_seconds(
    failed: Scene, age: int, tried: bool
) -> None:
    then = time.time() - age
    os.utime(failed.folder / names.TOKEN, (then, then))
    assert start_deliverer(failed.paths, failed.destination) is tried
    if tried:
        failed.wait_for_quiet()
    assert failed.waiting == ([] if tried else ["ready"])


@pytest.mark.parametrize("instead", ["nothing", "file", "link"])
def test_without_a_spool_folder_nothing_is_started(
    scene: Scene, tmp_path: Path, instead: str
) -> None:
    if instead == "file":
        scene.folder.write_text("mine")
    elif instead == "link":
        scene.folder.symlink_to(tmp_path)
    assert not start_deliverer(scene.paths, scene.destination)
    assert not list(tmp_path.glob("*token*"))


def test_a_dead_server_is_asked_once_for_a_hundred_sessions(
    scene: Scene, receiver: Receiver
) -> None:
    receiver.mode = "503"
    now, started = time.time(), 0
    for _ in range(100):
        scene.queue(1)
        started += start_deliverer(scene.paths, scene.destination, clock=partial(float, now))
        scene.wait_for_quiet()
    assert (started, len(receiver.requests)) == (1, 1)
    receiver.mode = "ok"
    assert scene.deliver(heed_back_offs=False).sent == 100


def test_consent_for_a_destination_is_asked_by_the_deliverer_too(
    scene: Scene, receiver: Receiver
) -> None:
    stranger = Destination(receiver.url, "phc_never_agreed")
    scene.queue(1, stranger)
    assert start_deliverer(scene.paths, stranger)
    scene.wait_for_quiet()
    assert not receiver.requests
    assert scene.waiting == []
