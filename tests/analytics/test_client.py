from __future__ import annotations

import json
import multiprocessing
import os
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cecli.analytics import Analytics, NotAsDeclared
from cecli.analytics.catalogue.builtin import BUILT_IN
from cecli.analytics.catalogue.declaration import Catalogue
from cecli.analytics.catalogue.sanitiser import Sanitiser
from cecli.analytics.ids import new
from cecli.analytics.log import Log
from tests.analytics.kept import STATUS, Kept
from tests.analytics.samples import FACTS, SAMPLES, SHARED
from tests.support import RESOLVES, largest_file
from tools.user import User, run


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    kept = Kept(tmp_path)
    yield kept
    kept.analytics.close()


@pytest.mark.parametrize("event", BUILT_IN, ids=lambda event: event.name)
def test_every_declared_event_is_recorded_with_all_its_properties(kept: Kept, event: Any) -> None:
    kept.analytics.event(event.name, **SAMPLES[event.name])
    (logged,) = kept.logged()
    assert logged["event"] == event.name
    assert set(logged["properties"]) == {p.name for p in event.properties} | SHARED
    assert kept.analytics.dropped == {}


def test_log_and_spool_hold_the_same_bytes(kept: Kept) -> None:
    for name, properties in SAMPLES.items():
        kept.analytics.event(name, **properties)
    kept.analytics.close()
    assert kept.spooled() == kept.log.read_bytes().splitlines()


@pytest.mark.parametrize(
    ("name", "properties", "dropped"),
    [
        ("secret", {}, "secret: the event isn't declared in the catalogue"),
        ("exit", {"note": "text"}, "exit: note"),
        ("exit", {"reason": "because of my file.py"}, "exit: reason"),
        ("message_send", {"prompt_tokens": "many"}, "message_send: prompt_tokens"),
        (7, {}, "(a name that is no str): the event isn't declared in the catalogue"),
        ([], {}, "(a name that is no str): the event isn't declared in the catalogue"),
    ],
)
def test_what_is_not_as_declared_is_counted_in_silence(
    kept: Kept, name: Any, properties: dict[str, object], dropped: str
) -> None:
    for _ in range(2):
        kept.analytics.event(name, **properties)
    assert kept.analytics.dropped == {dropped: 2}


MODEL = SimpleNamespace(name="gpt-4o", weak_model="gpt-4o-mini")


@pytest.mark.parametrize(
    ("arguments", "properties"),
    [((MODEL,), {}), ((), {"main_model": MODEL}), (("gpt-4o",), {"weak_model": "gpt-4o-mini"})],
    ids=["the second argument", "by its name", "a name"],
)
def test_a_model_may_be_passed_either_way(
    kept: Kept, arguments: tuple[object, ...], properties: dict[str, object]
) -> None:
    kept.analytics.event("message_send", *arguments, **properties)
    (logged,) = kept.logged()
    own = {key: value for key, value in logged["properties"].items() if key not in SHARED}
    assert own == {"main_model": "gpt-4o", "weak_model": "gpt-4o-mini"}
    assert kept.analytics.dropped == {}


WRONG: dict[str, tuple[tuple[Any, ...], dict[str, object], str]] = {
    "nothing": ((), {}, "the event isn't declared in the catalogue"),
    "a name by keyword": ((), {"name": "exit"}, "the event isn't declared in the catalogue"),
    "three arguments": (("exit", None, "SECRET"), {}, "(more arguments)"),
    "a model that the event hasn't": (("exit", MODEL), {}, "main_model"),
    "parameters' names": (("exit",), {"self": 1, "more": 2, "model": 3}, "self"),
}


@pytest.mark.parametrize("how", ["event", "feature"])
@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_call_never_raises_into_the_program(kept: Kept, case: str, how: str) -> None:
    arguments, properties, dropped = WRONG[case]
    if how == "event":
        kept.analytics.event(*arguments, **properties)
    else:
        with kept.analytics.feature(*arguments, **properties):
            pass
    assert f"{arguments[0] if arguments else ''}: {dropped}" in kept.analytics.dropped
    assert [event["event"] for event in kept.logged()] == (["exit"] if arguments else [])
    assert "SECRET" not in kept.log.read_text()


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_call_raises_in_strict_mode(tmp_path: Path, case: str) -> None:
    arguments, properties, dropped = WRONG[case]
    kept = Kept(tmp_path, strict=True)
    with pytest.raises(NotAsDeclared, match=re.escape(dropped)), kept.analytics:
        kept.analytics.event(*arguments, **properties)
    kept.log.unlink()


@pytest.mark.parametrize("name", ["secret", "exit"])
def test_in_strict_mode_it_raises(tmp_path: Path, name: str) -> None:
    kept = Kept(tmp_path, strict=True)
    with pytest.raises(NotAsDeclared, match=name):
        kept.analytics.event(name, note="text")
    kept.analytics.close()


def test_a_strict_session_that_is_off_raises_too() -> None:
    sanitiser = Sanitiser(Catalogue(), new(), FACTS)
    recorder = Analytics(STATUS, sanitiser=sanitiser, strict=True)
    with pytest.raises(NotAsDeclared), recorder:
        recorder.event("secret")


def test_names_that_callers_make_up_dont_fill_the_memory(kept: Kept) -> None:
    for number in range(1000):
        kept.analytics.event(f"secret {number}")
    assert len(kept.analytics.dropped) < 200


def test_what_hands_over_starts_a_deliverer_once(kept: Kept) -> None:
    kept.analytics.event("message_send_starting")
    kept.analytics.close()
    kept.analytics.close()
    assert kept.started == 1


def test_a_session_without_events_starts_none(kept: Kept) -> None:
    kept.analytics.close()
    assert kept.started == 0
    assert not Path(kept.paths.spool).exists()


def test_a_long_session_hands_over_on_the_way(kept: Kept) -> None:
    for _ in range(600):
        kept.analytics.event("message_send_starting")
    assert kept.started == 2
    assert len(list(Path(kept.paths.spool).glob("*.ready"))) == 2


def _run(program: str, folder: Path) -> str:
    """Run a program in a process of its own, and return what it has printed."""
    words = (sys.executable, "-c", program, str(folder))
    return run(*words, cwd=Path(__file__).parents[2], check=True).stdout


def test_closing_raises_nothing_whatever_others_have_registered_for_the_exit(
    tmp_path: Path,
) -> None:
    program = (
        "import atexit, os, sys; from pathlib import Path; from tests.analytics.kept import Kept\n"
        "class Odd:\n"
        "    def __call__(self): pass\n"
        "    def __eq__(self, other): print('asked'); raise ValueError\n"
        "kept = Kept(Path(sys.argv[1])); atexit.register(Odd()); kept.analytics.event('launched')\n"
        "kept.analytics.close(); print(kept.started, flush=True); os._exit(0)"
    )
    assert _run(program, tmp_path) == "asked\n1\n"


@pytest.mark.parametrize(
    "last",
    [
        "pass",
        "sys.exit(0)",
        "kept.analytics.close()",
        "kept.analytics.__exit__(None, None, None)",
    ],
)
def test_a_deliverer_is_started_once_however_a_session_ends(last: str, tmp_path: Path) -> None:
    program = (
        "import atexit, sys; from pathlib import Path; from tests.analytics.kept import Kept\n"
        "atexit.register(lambda: print(kept.started))  # runs after what was registered later\n"
        f"kept = Kept(Path(sys.argv[1])); kept.analytics.event('message_send_starting'); {last}"
    )
    assert _run(program, tmp_path) == "1\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_after_a_log_that_failed_nothing_more_is_collected(tmp_path: Path) -> None:
    told: list[str] = []
    kept = Kept(tmp_path, log=Log("/dev/full"), complain=told.append)
    for _ in range(2):
        kept.analytics.event("message_send_starting")
    kept.analytics.close()
    assert len(told) == 1
    assert not Path(kept.paths.spool).exists()


def test_a_log_that_was_deleted_ends_the_collection(tmp_path: Path) -> None:
    told: list[str] = []
    kept = Kept(tmp_path, complain=told.append)
    kept.analytics.event("message_send_starting")
    kept.log.unlink()
    kept.analytics.event("launched")
    assert "it was deleted" in told[0]
    assert [json.loads(line)["event"] for line in kept.spooled()] == ["message_send_starting"]


def test_a_descriptor_that_the_program_has_reused_is_neither_written_to_nor_closed(
    tmp_path: Path,
) -> None:
    program = (
        "import os, sys; from pathlib import Path; from tests.analytics.kept import Kept\n"
        "kept = Kept(Path(sys.argv[1]), complain=print); kept.analytics.event('exit')\n"
        "os.closerange(3, 64)\n"
        "mine = [os.open(Path(sys.argv[1], str(n)), os.O_CREAT | os.O_RDWR) for n in range(20)]\n"
        "kept.analytics.event('launched'); kept.analytics.close()\n"
        "assert [os.fstat(number).st_size for number in mine] == [0] * 20\n"
    )
    words = (sys.executable, "-c", program, str(tmp_path))
    ended = run(*words, cwd=Path(__file__).parents[2])
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "its descriptor was closed" in ended.stdout


def test_what_is_spooled_stands_in_the_log_however_the_session_is_closed(tmp_path: Path) -> None:
    for number in range(40):
        folder = tmp_path / str(number)
        folder.mkdir()
        kept = Kept(folder)

        def record(kept: Kept = kept) -> None:
            for _ in range(50):
                kept.analytics.event("message_send_starting")

        threads = [threading.Thread(target=record) for _ in range(4)]
        for thread in threads:
            thread.start()
        kept.analytics.close()
        for thread in threads:
            thread.join()
        spooled = set(kept.spooled()) if Path(kept.paths.spool).exists() else set()
        assert spooled <= set(kept.log.read_bytes().splitlines())


def test_what_was_recorded_before_a_disk_was_full_is_handed_over(tmp_path: Path) -> None:
    told: list[str] = []
    kept = Kept(tmp_path, complain=told.append)
    kept.analytics.event("message_send_starting")
    with largest_file(kept.log.stat().st_size):
        kept.analytics.event("launched")
    kept.analytics.event("launched")
    kept.analytics.close()
    assert len(told) == 1
    assert [event["event"] for event in kept.logged()] == ["message_send_starting"]
    assert [json.loads(line)["event"] for line in kept.spooled()] == ["message_send_starting"]
    assert kept.started == 1


def test_a_spool_that_cant_be_written_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / ".cecli").write_text("in the way")
    kept = Kept(tmp_path)
    kept.analytics.event("message_send_starting")
    kept.analytics.close()
    assert len(kept.logged()) == 1


def test_threads_record_together(kept: Kept) -> None:
    def record() -> None:
        for _ in range(200):
            kept.analytics.event("message_send_starting")

    threads = [threading.Thread(target=record) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept.analytics.close()
    logged = [event["uuid"] for event in kept.logged()]
    assert len(set(logged)) == 1600
    assert sorted(json.loads(line)["uuid"] for line in kept.spooled()) == sorted(logged)


def _record_in_child(kept: Kept) -> None:
    kept.analytics.event("launched")
    kept.analytics.close()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_hands_over_its_own_events_and_no_other(kept: Kept) -> None:
    kept.analytics.event("message_send_starting")
    child = multiprocessing.get_context("fork").Process(target=_record_in_child, args=(kept,))
    child.start()
    child.join()
    assert child.exitcode == 0
    assert [path.suffix for path in Path(kept.paths.spool).iterdir()].count(".open") == 1
    kept.analytics.close()
    spooled = [json.loads(line) for line in kept.spooled()]
    assert sorted(event["event"] for event in spooled) == ["launched", "message_send_starting"]
    assert len({event["uuid"] for event in spooled}) == 2


def sessions(kept: Kept) -> list[str]:
    return [event["properties"]["$session_id"] for event in kept.logged()]


def test_all_events_of_a_recorder_have_one_session_and_another_recorder_has_another(
    kept: Kept, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = Kept(tmp_path / "other")
    for recorder in (kept, other, kept, other):
        recorder.analytics.event("launched")
    other.analytics.close()
    assert [len(set(sessions(each))) for each in (kept, other)] == [1, 1]
    assert not set(sessions(kept)) & set(sessions(other))


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_that_is_forked_goes_on_with_the_session(kept: Kept) -> None:
    kept.analytics.event("message_send_starting")
    child = multiprocessing.get_context("fork").Process(target=_record_in_child, args=(kept,))
    child.start()
    child.join()
    assert len(sessions(kept)) == 2
    assert len(set(sessions(kept))) == 1


def test_each_run_of_a_program_is_a_session_of_its_own_also_one_that_another_has_started(
    user: User,
) -> None:
    child = RESOLVES + "analytics.event('exit')\n"
    parent = f"import subprocess, sys\n{RESOLVES}\nanalytics.event('launched')\n"
    parent += f"words = [sys.executable, '-c', {child!r}, *sys.argv[1:]]\n"
    parent += "subprocess.run(words, check=True)\n"
    user.run(sys.executable, "-c", parent, "--analytics-log", "log.jsonl", check=True)
    lines = (user.folder / "log.jsonl").read_text().splitlines()
    assert len({json.loads(line)["properties"]["$session_id"] for line in lines}) == 2


def test_an_exception_that_leaves_the_session_is_recorded(kept: Kept) -> None:
    with pytest.raises(ZeroDivisionError), kept.analytics:
        1 / 0  # noqa: B018
    (crash,) = kept.logged()
    assert crash["event"] == "$exception"
    assert crash["properties"]["$exception_list"][0]["type"] == "ZeroDivisionError"


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_the_ways_to_end_a_program_are_no_crashes(kept: Kept, error: type[BaseException]) -> None:
    with pytest.raises(error), kept.analytics:
        raise error
    assert kept.logged() == []


def test_a_session_that_isnt_closed_closes_at_exit(user: User) -> None:
    program = RESOLVES + "analytics.event('message_send_starting')\n"
    ended = user.run(sys.executable, "-c", program, "--analytics-log", "log.jsonl")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert len((user.folder / "log.jsonl").read_text().splitlines()) == 1


def test_a_recorder_needs_no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        monkeypatch.delenv(name)
    kept = Kept(tmp_path)
    kept.analytics.event("message_send_starting")
    kept.analytics.close()
    assert len(kept.logged()) == 1


LIMITED = """
import signal, sys
from pathlib import Path
from tests.analytics.kept import Kept
from tests.analytics.samples import SAMPLES

class OutOfTime(Exception):
    pass

def out_of_time(*_):
    raise OutOfTime

signal.signal(signal.SIGALRM, out_of_time)
kept = Kept(Path(sys.argv[1]), complain=print)
noticed = 0
for _ in range(50):
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.001)
        for _ in range(20_000):
            kept.analytics.event("message_send", **SAMPLES["message_send"])
    except OutOfTime:
        noticed += 1
written = len(kept.logged())
kept.analytics.event("launched")
print(noticed, len(kept.logged()) - written)
"""


@pytest.mark.usefixtures("unmeasured")
def test_an_exception_of_the_programs_signal_handler_goes_on_its_way(tmp_path: Path) -> None:
    """As a time limit by SIGALRM has it: it isn't taken for one of ours."""
    # It may come between open() and the `with` that it is opened for. The file is closed all the
    # same, but Python says so.
    words = ("-W", "ignore::ResourceWarning", "-c", LIMITED, tmp_path)
    ended = run(sys.executable, *words, cwd=Path(__file__).parents[2])
    assert (ended.stdout, ended.stderr) == ("50 1\n", "")
