"""Crashes are recorded, and the program sees what it would have seen without."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import threading
from collections.abc import Iterator
from typing import Any

import click
import pytest
import typer

from cecli import files
from cecli.analytics.running import crash
from tests.support import RESOLVES
from tools.user import User, run

Seen = list[tuple[type, str]]


@pytest.fixture
def seen() -> Seen:
    return []


@pytest.fixture
def record(seen: Seen) -> crash.Record:
    return lambda error, source: seen.append((type(error), source))


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Put hooks of a program's own in place, and note what they get to see."""
    shown: list[object] = []
    monkeypatch.setattr(sys, "excepthook", lambda *info: shown.append(info[1]))
    monkeypatch.setattr(threading, "excepthook", lambda args: shown.append(args.exc_value))
    yield shown


def in_main(error: BaseException) -> None:
    sys.excepthook(type(error), error, None)


def in_thread(error: BaseException) -> None:
    def fail() -> None:
        raise error

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()


HOOKS = [(in_main, "main thread"), (in_thread, "thread")]


@pytest.mark.parametrize(("fail", "source"), HOOKS)
def test_a_crash_is_recorded_and_shown(
    fail: Any, source: str, seen: Seen, record: crash.Record, shown: list[object]
) -> None:
    undo = crash.install(record)
    error = ValueError("x")
    fail(error)
    undo()
    assert seen == [(ValueError, source)]
    assert shown == [error]


@pytest.mark.parametrize("fail", [in_main, in_thread])
@pytest.mark.parametrize(
    "error",
    [
        *(KeyboardInterrupt(), SystemExit(2), argparse.ArgumentError(None, "x")),
        *(click.UsageError("x"), click.BadParameter("x"), click.ClickException("x")),
        *(click.Abort(), click.exceptions.Exit(2)),
        *(typer.BadParameter("x"), typer.Abort(), typer.Exit(2)),
    ],
    ids=repr,
)
def test_a_wish_to_leave_or_a_users_mistake_is_shown_but_no_crash(
    error: BaseException, fail: Any, seen: Seen, record: crash.Record, shown: list[object]
) -> None:
    undo = crash.install(record)
    fail(error)
    undo()
    assert seen == []
    assert shown == [error]


@pytest.mark.parametrize(("fail", "source"), HOOKS)
def test_a_recorder_that_fails_hides_nothing(fail: Any, source: str, shown: list[object]) -> None:
    def failing(error: BaseException, source: str) -> None:
        raise RuntimeError("secret")

    undo = crash.install(failing)
    error = ValueError("x")
    fail(error)
    undo()
    assert shown == [error]


@pytest.mark.parametrize("spoil", ["threading.excepthook = None", "del sys.excepthook"])
def test_a_program_without_a_hook_sees_what_python_shows(spoil: str) -> None:
    code = (
        f"import sys, threading\n{spoil}\nfrom cecli.analytics.running import crash\n"
        "crash.install(lambda error, source: print(source, flush=True))\n"
        "thread = threading.Thread(target=lambda: 1 / 0); thread.start(); thread.join()\n"
        "1 / 0"
    )
    ended = run(sys.executable, "-c", code)
    assert ended.stdout.split("\n")[:2] == ["thread", "main thread"]
    assert ended.stderr.count("ZeroDivisionError: division by zero") == 2
    assert "TypeError" not in ended.stderr


@pytest.mark.usefixtures("shown")
def test_undo_puts_the_previous_hooks_back(record: crash.Record) -> None:
    before = (sys.excepthook, threading.excepthook)
    undo = crash.install(record)
    assert (sys.excepthook, threading.excepthook) != before
    undo()
    undo()
    assert (sys.excepthook, threading.excepthook) == before


def test_undo_leaves_a_later_hook_in_place_and_records_no_more(
    seen: Seen, record: crash.Record, shown: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    undo = crash.install(record)
    ours = sys.excepthook

    def later(*info: Any) -> None:
        ours(*info)

    monkeypatch.setattr(sys, "excepthook", later)
    undo()
    assert sys.excepthook is later
    error = ValueError("x")
    in_main(error)
    assert seen == []
    assert shown == [error]


@pytest.mark.parametrize("has_handler", [False, True])
@pytest.mark.parametrize(
    ("error", "recorded"),
    [
        (ValueError("x"), [(ValueError, "event loop")]),
        (KeyboardInterrupt(), []),
        (None, []),
        ("no exception", []),
    ],
    ids=range(4),
)
def test_what_an_event_loop_reports(
    has_handler: bool, error: object, recorded: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: Seen = []
    shown: list[object] = []
    loop = asyncio.new_event_loop()
    try:
        if has_handler:
            loop.set_exception_handler(lambda _, context: shown.append(context))
        else:
            monkeypatch.setattr(loop, "default_exception_handler", shown.append)
        undo = crash.watch_loop(loop, lambda error, source: seen.append((type(error), source)))
        context = {"message": "m", "exception": error}
        loop.call_exception_handler(context)
        undo()
        loop.call_exception_handler(context)
    finally:
        loop.close()
    assert seen == recorded
    assert shown == [context, context]


@pytest.mark.usefixtures("shown")
def test_install_watches_the_loop_that_runs(seen: Seen, record: crash.Record) -> None:
    async def main() -> None:
        undo = crash.install(record)
        loop = asyncio.get_running_loop()
        loop.default_exception_handler = lambda context: None  # type: ignore[method-assign]
        loop.call_exception_handler({"message": "m", "exception": ValueError("x")})
        undo()
        assert loop.get_exception_handler() is None

    asyncio.run(main())
    assert seen == [(ValueError, "event loop")]


LATE = """
from cecli import files
from cecli.analytics.running import crash
seen = []
undo = crash.install(lambda error, source: seen.append((type(error).__name__, source)))
import threading
def fail():
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
fail()
undo()
fail()
assert seen == [("ZeroDivisionError", "thread")], seen
assert threading.excepthook is threading.__excepthook__
"""


IMPORTED = {
    "before": "import threading",
    "after": "import sys; assert 'threading' not in sys.modules",
}


@pytest.mark.usefixtures("unmeasured")  # to measure would import threading
@pytest.mark.parametrize("when", IMPORTED)
def test_threads_are_seen_whenever_the_program_imports_threading(when: str) -> None:
    ended = run(sys.executable, "-c", IMPORTED[when] + LATE)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.count("ZeroDivisionError: division by zero") == 2


CRASHING = {
    "main thread": "import json; json.loads('{')",
    "chained": "try: 1/0\nexcept Exception as e: raise ValueError('x') from e",
    "thread": "import threading; t = threading.Thread(target=lambda: 1/0); t.start(); t.join()",
    "interrupt": "raise KeyboardInterrupt",
    "exit": "raise SystemExit('bye')",
    "exit code": "import sys; sys.exit(3)",
    "event loop": (
        "import asyncio\n"
        "async def main():\n"
        "    loop = asyncio.get_running_loop()\n"
        "    done = loop.create_future()\n"
        "    loop.call_soon(lambda: 1/0)\n"
        "    loop.call_soon(done.set_result, None)\n"
        "    await done\n"
        "asyncio.run(main())"
    ),
}


@pytest.mark.parametrize("name", CRASHING)
def test_stderr_and_exit_code_are_those_of_the_program(name: str, tmp_path: Any) -> None:
    script = tmp_path / "program.py"
    done = []
    install = "from cecli.analytics.running import crash; crash.install(lambda *_: None)"
    for first in ("pass", install):
        script.write_text(f"{first}\n{CRASHING[name]}\n", encoding="utf-8")
        ran = run(sys.executable, script)
        # A handle's address and a thread's number differ between any two runs.
        done.append((ran.returncode, ran.stdout, ran.stderr.split(" at 0x")[0]))
    assert done[0] == done[1]


CRASHES = {
    "main thread": "raise ValueError('SECRET')\n",
    "thread": (
        "import threading\ndef fail():\n    raise ValueError('SECRET')\n"
        "thread = threading.Thread(target=fail)\nthread.start()\nthread.join()\n"
    ),
    "event loop": (
        "import asyncio\n"
        "async def fail():\n    raise ValueError('SECRET')\n"
        "async def main():\n"
        "    analytics.watch_loop(asyncio.get_running_loop())\n"
        "    task = asyncio.ensure_future(fail())\n"
        "    await asyncio.sleep(0)\n    await asyncio.sleep(0)\n    del task\n"
        "asyncio.run(main())\n"
    ),
}


@pytest.mark.parametrize("source", CRASHES)
def test_a_crash_of_a_program_is_recorded_and_its_traceback_is_shown(
    user: User, source: str
) -> None:
    program = RESOLVES + CRASHES[source]
    ended = user.run(sys.executable, "-c", program, "--analytics-log", "log.jsonl")
    assert "ValueError: SECRET" in ended.stderr
    (line,) = (user.folder / "log.jsonl").read_text().splitlines()
    properties = json.loads(line)["properties"]
    assert (properties["source"], properties["$exception_list"][0]["type"]) == (
        source,
        "ValueError",
    )
    assert "SECRET" not in line


def time_out(*_: object) -> None:
    raise TimeoutError


@pytest.mark.parametrize(("path", "programs"), [("/nowhere/x", False), (None, True)])
def test_an_error_is_the_programs_if_its_code_was_passed(path: str | None, programs: bool) -> None:
    with pytest.raises(OSError) as caught:
        files.read(path, 1) if path else files.read(__file__, 1, judge=time_out)
    own = caught.value.__traceback__.tb_next if caught.value.__traceback__ else None
    assert crash.is_the_programs(caught.value.with_traceback(own)) is programs
