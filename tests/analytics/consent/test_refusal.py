"""What a refusal reaches: deliverers in the midst of a request, and all that waits."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from cecli.analytics.consent import refusal, settling
from cecli.analytics.consent.file import ConsentFile
from cecli.analytics.consent.record import ConsentRecord
from cecli.analytics.destination import Destination
from cecli.analytics.inspection.receiver import Receiver
from cecli.analytics.settings.merge import Settings
from cecli.analytics.settings.sources import Source
from cecli.analytics.spool import names, process
from cecli.analytics.spool.names import TOKEN
from cecli.analytics.spool.queue import Queue
from cecli.analytics.spool.token import Token
from tests.analytics.late_server import LateServer
from tests.analytics.scene import Scene, living, start
from tools.user import PATIENCE, SCRIPTS, Terminal, User, until

FLAG = Source("flag", "--analytics-disable")


# -- what returns only when nothing is on its way


def by_flag(scene: Scene) -> None:
    assert scene.cecli("--analytics-disable").returncode == 0


def by_variable(scene: Scene) -> None:
    assert scene.cecli(variables={"CECLI_ANALYTICS_DISABLE": "1"}).returncode == 0


def by_home_file(scene: Scene) -> None:
    config = scene.home / ".cecli.conf.yml"
    config.write_text("analytics-disable: true\n")
    assert scene.cecli().returncode == 0
    config.unlink()


def say_no(scene: Scene) -> None:
    cecli = str(SCRIPTS / "cecli")
    terminal = Terminal(cecli, "--analytics", cwd=scene.home, env=scene.process_environ())
    terminal.wait_for("[Yes]: ")
    terminal.type("no\n")
    assert terminal.finish() == 0


def by_a_no(scene: Scene) -> None:
    """Answer no to the question for another destination, when no agreement is stored any more."""
    scene.consent.unlink()
    say_no(scene)


REFUSALS = {each.__name__: each for each in (by_flag, by_variable, by_home_file, by_a_no)}


def by_editing(scene: Scene) -> None:
    record = json.loads(scene.consent.read_text())
    record["destinations"][scene.destination.id] = False
    scene.consent.write_text(json.dumps(record))


def by_deleting(scene: Scene) -> None:
    scene.consent.unlink()


def by_a_refusal_stored_elsewhere(scene: Scene) -> None:
    ConsentFile(scene.paths).disable()


EDITS = {each.__name__: each for each in (by_editing, by_deleting, by_a_refusal_stored_elsewhere)}


@pytest.mark.parametrize("refuse", [*REFUSALS.values(), *EDITS.values()], ids=[*REFUSALS, *EDITS])
def test_no_body_leaves_after_a_refusal_that_came_while_tls_was_agreed(
    home: Path,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    refuse: Callable[[Scene], None],
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with ExitStack() as stack:
        server = stack.enter_context(LateServer(certificate))
        scene = Scene(home, server.url)
        scene.queue(100)
        deliverer = stack.enter_context(start("deliver"))
        assert server.came.wait(PATIENCE)
        refuse(scene)
        server.finish()
        deliverer.communicate(timeout=PATIENCE)
    assert server.body == b""


def test_a_server_that_is_late_gets_what_is_agreed_to(
    home: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with LateServer(certificate) as server:
        scene = Scene(home, server.url)
        scene.queue(100)
        with start("deliver") as deliverer:
            assert server.came.wait(PATIENCE)
            server.finish()
            out, _ = deliverer.communicate(timeout=PATIENCE)
    assert out == "sent 100 events\n"
    assert server.body


def test_a_request_that_was_left_behind_begins_no_body(
    home: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with LateServer(certificate) as server:
        scene = Scene(home, server.url)
        scene.queue(100)
        assert "no answer in time" in str(scene.deliver(patience=0.5))
        server.finish()
    assert server.body == b""


@pytest.mark.skipif(sys.platform != "linux", reason="needs a hold on a process (pidfd)")
@pytest.mark.parametrize("refuse", REFUSALS.values(), ids=REFUSALS)
@pytest.mark.parametrize("stopped", [False, True], ids=["runs", "was stopped"])
def test_a_refusal_ends_a_deliverer_in_the_midst_of_a_request(
    home: Path,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    refuse: Callable[[Scene], None],
    stopped: bool,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with LateServer(certificate, "answer") as server:
        scene = Scene(home, server.url)
        scene.queue(100)
        with start("deliver") as deliverer:
            assert server.came.wait(PATIENCE)
            if stopped:
                deliverer.send_signal(signal.SIGSTOP)
            refuse(scene)
            assert deliverer.wait(PATIENCE) == -signal.SIGKILL
    assert not scene.folder.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="needs a hold on a process (pidfd)")
def test_a_deliverer_that_lives_is_ended_however_old_its_token_looks(
    home: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with LateServer(certificate, "answer") as server:
        scene = Scene(home, server.url)
        scene.queue(100)
        with start("deliver") as deliverer:
            assert server.came.wait(PATIENCE)
            os.utime(scene.folder / TOKEN, (1, 1))  # as after a sleep, or by another clock
            by_flag(scene)
            assert deliverer.wait(PATIENCE) == -signal.SIGKILL


# -- raced, at random moments


def on_their_way(port: int) -> list[str]:
    """Return this machine's connections to a port that could still carry something (proc(5))."""
    with open("/proc/net/tcp", encoding="ascii") as file:
        rows = [line.split() for line in file][1:]
    open_states = {"01", "02", "08"}  # established, being made, half closed by the other end
    return [
        " ".join(row[:5])
        for row in rows
        if row[2] == f"0100007F:{port:04X}"
        and (row[3] in open_states or not row[4].startswith("00000000:"))
    ]


def race(scene: Scene, receiver: Receiver, chance: random.Random, *, in_the_midst: bool) -> None:
    """Come to a random moment after a session has ended, or to the midst of its delivery."""
    scene.consent.unlink(missing_ok=True)
    scene.user_id = scene.agree(scene.destination)
    scene.queue(chance.randrange(1, 2000))
    with scene.start_session(10) as session:
        session.communicate()
    if in_the_midst:
        until(lambda: receiver.requests, "a request")
    for _ in range(chance.randrange(4)):  # each takes about as long as a deliverer's steps
        if Token(scene.paths.spool).is_taken():
            subprocess.run([sys.executable, "-c", ""], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="reads the system's table of connections")
@pytest.mark.parametrize("runs", [8, pytest.param(200, marks=pytest.mark.long)])
@pytest.mark.parametrize("mode", ["ok", "trickle", "hang"])
def test_nothing_is_on_its_way_when_a_refusal_has_returned(
    scene: Scene, receiver: Receiver, mode: str, runs: int
) -> None:
    receiver.mode = mode
    port = int(receiver.url.rpartition(":")[2])
    chance = random.Random(mode)
    for run in range(runs // 3 + 1):
        race(scene, receiver, chance, in_the_midst=bool(run % 2))
        refuse = chance.choice(list(REFUSALS.values()))
        refuse(scene)
        assert on_their_way(port) == [], (run, refuse)
        assert not scene.folder.exists()
        receiver.requests.clear()


# -- who can't be ended


@contextmanager
def deliverer_elsewhere(scene: Scene) -> Iterator[None]:
    """Let the token name a deliverer of another container."""
    scene.queue(1)
    held = {"nonce": "ab", "process": "elsewhere-1-1"}
    (scene.folder / names.TOKEN).write_text(json.dumps(held))
    yield


def test_a_deliverer_that_cant_be_ended_is_told(scene: Scene) -> None:
    with deliverer_elsewhere(scene):
        done = scene.cecli("--analytics-disable")
    assert done.returncode == 1
    assert "permanently disabled, but a deliverer that can't be ended from here" in done.stderr
    assert ConsentFile(scene.paths).load().permanently_disable
    assert not scene.folder.exists()


@pytest.mark.parametrize("holder", ["this process", "a number given out again", "dead", "nobody"])
def test_no_process_is_killed_that_isnt_the_deliverer(scene: Scene, holder: str) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        space = process.identity().rsplit("-", 2)[0]
        holders = {
            "this process": process.identity(),
            "a number given out again": f"{space}-{stranger.pid}-1",
            "dead": f"{space}-99999999-1",
            "nobody": None,
        }
        scene.queue(1)
        held = {"nonce": "ab", "process": holders[holder]}
        (scene.folder / names.TOKEN).write_text(json.dumps(held))
        ended = Token(scene.paths.spool).end_deliverer(patience=0.05)
        assert ended is (holder != "this process")
        assert stranger.poll() is None
        stranger.communicate(b"\n")


# -- what can't be emptied


@pytest.fixture
def stuck(scene: Scene) -> Iterator[Scene]:
    """Let a queue hold what not even root can delete, where the file system has such a thing."""
    scene.queue(1)
    (segment,) = scene.folder.iterdir()
    if os.geteuid() == 0:
        segment.unlink()
        segment.mkdir()  # unlink(2) removes no folder
        yield scene
        segment.rmdir()
    else:
        scene.folder.chmod(0o500)
        yield scene
        scene.folder.chmod(0o700)


def test_a_disable_says_what_remains_and_exits_1(stuck: Scene) -> None:
    done = stuck.cecli("--analytics-disable")
    assert (done.returncode, done.stdout) == (1, "")
    assert "permanently disabled, but unsent events remain in ~/.cecli/analytics-spool" in (
        done.stderr
    )
    assert ConsentFile(stuck.paths).load().permanently_disable


def test_a_queue_behind_a_link_is_told_and_left_alone(scene: Scene) -> None:
    scene.queue(1)
    scene.folder.rename(scene.home / "elsewhere")
    scene.folder.symlink_to(scene.home / "elsewhere")
    done = scene.cecli("--analytics-disable")
    assert (done.returncode, done.stdout) == (1, "")
    assert "unsent events remain in ~/.cecli/analytics-spool, which is no folder" in done.stderr
    assert len(list((scene.home / "elsewhere").iterdir())) == 1


def test_what_remains_is_told_in_the_sessions_after_it(stuck: Scene) -> None:
    refusal.disable(stuck.paths, FLAG)
    assert "unsent events remain" in stuck.cecli().stderr


def test_a_refusal_is_told_as_done_if_nothing_remains(scene: Scene) -> None:
    scene.queue(1)
    assert refusal.disable(scene.paths, FLAG)[:2] == (True, True)
    assert refusal.disable(scene.paths, FLAG)[:2] == (True, False)
    assert Queue(scene.paths.spool).empty() is None


def test_a_yes_is_taken_back_for_one_destination_alone(scene: Scene) -> None:
    other = Destination("https://other.example.com", "phc_o")
    scene.agree(other)
    scene.queue(1)
    scene.queue(1, other)
    assert refusal.take_back(scene.paths, scene.destination.id) == []
    record = ConsentFile(scene.paths).load()
    assert (record.uuid, record.permanently_disable) == (scene.user_id, False)
    assert record.destinations == {scene.destination.id: False, other.id: True}
    queue = Queue(scene.paths.spool)
    headers = [queue.header(name) for name in queue.segments()]
    assert [header.target.id for header in headers if header] == [other.id]


def test_a_yes_is_taken_back_where_nothing_waits(scene: Scene) -> None:
    assert refusal.take_back(scene.paths, scene.destination.id) == []
    assert not scene.folder.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="needs a hold on a process (pidfd)")
@pytest.mark.parametrize("answer", [True, False])
def test_a_no_ends_a_delivery_that_is_under_way_and_a_yes_leaves_it(
    scene: Scene, answer: bool
) -> None:
    scene.consent.unlink()
    scene.queue(1)
    with living() as (deliverer, identity):
        (scene.folder / TOKEN).write_text(json.dumps({"nonce": "ab", "process": identity}))
        settling.keep(scene.paths, Settings(destination=scene.destination), answer)
        deliverer.communicate("\n")
    assert deliverer.returncode == (0 if answer else -signal.SIGKILL)


def test_to_take_back_what_was_never_agreed_to_refuses_that_destination_alone(
    scene: Scene,
) -> None:
    scene.consent.unlink()
    assert refusal.take_back(scene.paths, scene.destination.id) == []
    record = ConsentFile(scene.paths).load()
    assert (record.asked_opt_in, record.permanently_disable) == (False, False)
    assert record.destinations == {scene.destination.id: False}


def test_without_a_home_a_refusal_is_for_the_session_alone() -> None:
    outcome = refusal.disable(None, FLAG)
    assert outcome[:2] == (False, False)
    assert outcome.text.startswith("analytics is off for this session, but not for good: ")


def test_a_refusal_that_cant_be_stored_is_for_the_session_alone_and_empties_the_queue(
    scene: Scene,
) -> None:
    scene.queue(1)
    scene.consent.unlink()
    scene.consent.mkdir()
    outcome = refusal.disable(scene.paths, FLAG)
    assert outcome[:2] == (False, False)
    assert outcome.text == (
        "analytics is off for this session, but not for good: ~/.cecli/analytics.json can't be "
        "written: is a directory"
    )
    assert not scene.folder.exists()


DONE = "analytics is permanently disabled; the id and all unsent events are gone."
BACK = "To undo this: cecli-analytics enable asks you again"


def test_a_refusal_names_the_id_that_it_forgets_once_and_the_way_back(scene: Scene) -> None:
    tells = f"The id was {scene.user_id}: whoever wants sent events deleted needs it."
    assert refusal.disable(scene.paths, FLAG).text == f"{DONE} {tells} {BACK}"
    assert refusal.disable(scene.paths, FLAG).text == f"{DONE} {BACK}"


def test_a_refusal_that_a_file_says_is_taken_back_there_first(scene: Scene) -> None:
    refusal.disable(scene.paths, FLAG)
    text = refusal.disable(scene.paths, Source("home", "analytics-disable in a file")).text
    assert text == f"{DONE} {BACK}".replace(
        ": cecli", ": take back analytics-disable in a file; then cecli"
    )


# -- whatever else is wrong


BROKEN: dict[str, tuple[dict[str, str], dict[str, str], list[str]]] = {
    # files, variables, arguments
    "bad YAML in a project": ({"root": "analytics: [\n"}, {}, []),
    "a bad switch in a project": ({"folder": "analytics: maybe\n"}, {}, []),
    "a bad switch in the home": ({"home": "no-analytics: maybe\n"}, {}, []),
    "an unknown key": ({"home": "analytics-lgo: x\n"}, {}, []),
    "a bad variable": ({}, {"CECLI_ANALYTICS": "maybe"}, []),
    "a misspelt variable": ({}, {"CECLI_ANALYTICS_LGO": "x"}, []),
    "a config file that isn't there": ({}, {"CECLI_CONFIG": "/nowhere.yml"}, []),
    "a bad host": ({}, {}, ["--analytics-posthog-host", "a b"]),
    "a bad key in a variable": ({}, {"CECLI_ANALYTICS_POSTHOG_PROJECT_API_KEY": "a b"}, []),
    "an option without its value": ({}, {}, ["--analytics-log"]),
    "a value for a switch": ({}, {}, ["--no-analytics=x"]),
}


@pytest.mark.parametrize("how", ["flag", "variable"])
@pytest.mark.parametrize("broken", BROKEN)
def test_a_disable_is_heeded_whatever_else_is_wrong(user: User, broken: str, how: str) -> None:
    files, variables, argv = BROKEN[broken]
    user.agree()
    user.write(**files)
    if how == "flag":
        done = user.cecli("--analytics-disable", *argv, variables=variables)
    else:
        done = user.cecli(*argv, variables={**variables, "CECLI_ANALYTICS_DISABLE": "1"})
    assert ConsentFile(user.paths).load() == ConsentRecord(
        asked_opt_in=True, permanently_disable=True
    )
    assert "permanently disabled; the id and all unsent events are gone" in (
        done.stdout if how == "flag" else done.stderr
    )
    assert done.stderr.startswith("cecli: error: ")  # what else is wrong
    assert "Traceback" not in done.stderr
    assert done.returncode == (0 if how == "flag" else 2)


def a_lock_of_another_kind(scene: Scene) -> None:
    Path(scene.paths.lock).unlink(missing_ok=True)
    Path(scene.paths.lock).mkdir()


def a_lock_that_leads_nowhere(scene: Scene) -> None:
    Path(scene.paths.lock).unlink(missing_ok=True)
    Path(scene.paths.lock).symlink_to("nowhere")


OBSTACLES = {each.__name__: each for each in (a_lock_of_another_kind, a_lock_that_leads_nowhere)}


@pytest.mark.parametrize("obstacle", OBSTACLES.values(), ids=OBSTACLES)
@pytest.mark.parametrize("refuse", [by_flag, by_variable, by_home_file])
def test_a_refusal_is_stored_also_where_the_lock_cant_be_had(
    scene: Scene, obstacle: Callable[[Scene], None], refuse: Callable[[Scene], None]
) -> None:
    scene.queue(1)
    obstacle(scene)
    refuse(scene)
    assert ConsentFile(scene.paths).load().permanently_disable
    assert scene.user_id not in scene.consent.read_text()


@pytest.mark.parametrize("obstacle", OBSTACLES.values(), ids=OBSTACLES)
def test_a_first_no_is_stored_also_where_the_lock_cant_be_had(
    scene: Scene, obstacle: Callable[[Scene], None]
) -> None:
    scene.consent.write_text(json.dumps({**NEVER_ASKED, "uuid": scene.user_id}))
    obstacle(scene)
    say_no(scene)
    assert ConsentFile(scene.paths).load().permanently_disable


NEVER_ASKED = {"asked_opt_in": False, "permanently_disable": False}


def test_a_refusal_is_stored_also_while_another_process_holds_the_lock(scene: Scene) -> None:
    held = "import fcntl, sys; file = open(sys.argv[1]); fcntl.flock(file, fcntl.LOCK_EX); "
    program = [sys.executable, "-c", held + "print(flush=True); input()", scene.paths.lock]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        by_flag(scene)
        holder.communicate(b"\n")
    assert ConsentFile(scene.paths).load().permanently_disable


@pytest.mark.skipif(os.geteuid() == 0, reason="root can write into any folder")
def test_a_refusal_is_stored_also_in_a_folder_that_cant_be_written(scene: Scene) -> None:
    scene.consent.parent.chmod(0o500)
    scene.cecli("--analytics-disable")
    scene.consent.parent.chmod(0o700)
    assert ConsentFile(scene.paths).load().permanently_disable


PROGRAM = """
import sys
import configargparse
from cecli.analytics import add_arguments, resolve
parser = configargparse.ArgumentParser(
    prog="notes", default_config_files=["notes.yml"],
    config_file_parser_class=configargparse.YAMLConfigFileParser)
parser.add_argument("-c", is_config_file=True)
parser.add_argument("--level", type=int)
add_arguments(parser)
if "sub" in sys.argv:
    parser.add_subparsers().add_parser("sub").add_argument("--deep", type=int)
resolve(parser.parse_args(), parser)
"""


@pytest.mark.parametrize(
    "argv",
    [
        ["--level", "x"],
        ["--unknown"],
        ["-c", "nowhere.yml"],
        ["--analytics-posthog-host", "a b"],
        ["sub", "--deep", "x"],
        ["sub", "--unknown"],
    ],
    ids=" ".join,
)
def test_a_disable_is_heeded_in_any_program_with_our_options(
    user: User, tmp_path: Path, argv: list[str]
) -> None:
    user.agree()
    program = [sys.executable, "-c", PROGRAM, "--analytics-disable"]
    done = user.run(*program, *argv, cwd=tmp_path)
    assert ConsentFile(user.paths).load().permanently_disable
    assert (done.returncode, "error: " in done.stderr) == (0, True), done
    assert done.stdout.startswith("notes: analytics is permanently disabled")


LOOKS = {
    "the version": (["cecli", "--version"], "", 0),
    "the version beside a bad file": (["cecli", "--version"], "analytics: [\n", 0),
    "status": (["cecli-analytics", "status"], "", 3),
    "status beside a bad file": (["cecli-analytics", "status"], "analytics: [\n", 2),
}


@pytest.mark.parametrize("case", LOOKS)
def test_what_only_looks_disables_nothing(user: User, case: str) -> None:
    command, file, code = LOOKS[case]
    user.agree()
    user.write(root=file)
    looked = user.run(*command, variables={"CECLI_ANALYTICS_DISABLE": "1"})
    assert looked.returncode == code, looked
    assert not ConsentFile(user.paths).load().permanently_disable


# -- what others could have written


def test_a_disable_kills_nobody_whom_a_token_names_that_others_could_have_written(
    scene: Scene,
) -> None:
    scene.queue(1)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        space = process.identity().rsplit("-", 2)[0]
        held = {"nonce": "ab", "process": f"{space}-{stranger.pid}-{process._began(stranger.pid)}"}
        planted = scene.folder / TOKEN
        planted.write_text(json.dumps(held))
        planted.chmod(0o666)
        assert scene.cecli("--analytics-disable").returncode == 0
        assert stranger.poll() is None
        stranger.communicate(b"\n")


def test_a_disable_where_others_can_write_says_so(scene: Scene) -> None:
    scene.home.chmod(0o777)
    done = scene.cecli("--analytics-disable")
    scene.home.chmod(0o700)
    assert done.returncode == 0
    assert f"Others may undo it, too: ~/.cecli/analytics.json is in {scene.home}" in done.stdout
    assert ConsentFile(scene.paths).load().permanently_disable


def test_an_id_that_cant_be_deleted_is_told(scene: Scene) -> None:
    left = scene.consent.with_name("analytics.json.01234567.tmp")
    left.write_text(scene.user_id)
    if os.geteuid() or subprocess.run(["chattr", "+i", left], check=False).returncode:
        pytest.skip("only root can keep a file from being deleted, on some file systems")
    try:
        done = scene.cecli("--analytics-disable")
    finally:
        subprocess.run(["chattr", "-i", left], check=True)
    assert done.returncode == 1
    assert f"the id may remain in ~/.cecli/{left.name}, which can't be deleted" in done.stderr
