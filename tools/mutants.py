"""Owns the mutants: a room's lines made wrong, one at a time, and whether a test notices.

Run by ``make mutants`` in a copy of the tree, because it writes the wrong lines into the files that
the tests import. What no test notices must be explained in ``tests/survivors.yml``.
"""

from __future__ import annotations

import difflib
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import hypothesis.strategies  # noqa: F401  # loaded once for all the processes that need it
import pytest
import requests  # noqa: F401
import yaml

from tools.mutations import mutants

ROOT = Path(__file__).parents[1]
ROOMS = ROOT / "cecli" / "analytics"
TESTS = ROOT / "tests" / "analytics"
SURVIVORS = ROOT / "tests" / "survivors.yml"

AROUND = {
    "catalogue": "tests/analytics/test_client.py tests/analytics/test_testing.py",
    "consent": "tests/analytics/test_deletion.py tests/analytics/test_registration.py",
    "settings": "tests/analytics/test_registration.py tests/test_args.py",
    "spool": "tests/analytics/test_deletion.py",
}
"""The rooms that are tried, and the tests beside a room's own that show what it is for."""

ELSEWHERE = {
    "catalogue/builtin": "test_reference",
    "catalogue/event": "test_declaration",
    "catalogue/property_types": "test_sanitiser test_expectation",
    "consent/file": "test_record",
    "consent/settling": "test_question test_refusal ../test_resolution",
    "settings/action": "test_parser",
    "settings/hearing": "test_provenance test_listener",
    "settings/layers": "test_merge test_machine",
    "settings/misspelling": "test_merge",
    "settings/options": "test_merge",
    "settings/sources": "test_merge",
    "spool/folder": "test_queue test_writer",
}
"""The tests of those modules that have no file of their own; run first, since they notice most."""

PYTEST = (
    *("--quiet", "--exitfirst", "--tb=no", "--assert=plain", "-m", "not long and not page"),
    *("-p", "no:cacheprovider", "-p", "no:randomly", "--hypothesis-seed=0"),
)


class Survivor(NamedTuple):
    """A wrong line that no test notices."""

    module: str
    """The room and the module in it."""
    line: str
    """The line, or lines, as they stand."""
    wrong: str
    """What they became."""


def main(argv: Sequence[str]) -> int:
    """Try the modules named, as ``consent`` or ``consent/decision``; all rooms without a name."""
    if (ROOT / ".git").exists():
        print("this writes wrong lines into the files beside it: run it by `make mutants`")
        return 2
    explained, wrong = _explained(), 0
    for module in _modules(argv or sorted(AROUND)):
        begun = time.monotonic()
        survivors = set()
        total = 0
        for survivor in _tried(module):
            total += 1
            if survivor:
                survivors.add(survivor)
                if survivor not in explained:
                    wrong += 1
                    print(f"  not noticed:\n  - {survivor.line}\n  + {survivor.wrong}", flush=True)
        for each in {each for each in explained if each.module == module} - survivors:
            wrong += 1
            print(f"  explained, but noticed or gone:\n  - {each.line}\n  + {each.wrong}")
        minutes = (time.monotonic() - begun) / 60
        found = f"{total} mutants, {len(survivors)} not noticed, {minutes:.1f} minutes"
        print(f"{module}: {found}", flush=True)
    return 1 if wrong else 0


def _modules(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        if "/" in name:
            yield name
        else:
            found = sorted((ROOMS / name).glob("[!_]*.py"))
            yield from (f"{name}/{path.stem}" for path in found)


def _tried(module: str) -> Iterator[Survivor | None]:
    """Yield for each mutant of a module the mutant if no test noticed it, else None."""
    path = (ROOMS / module).with_suffix(".py")
    tests = _tests(module)
    patience = []
    for each in tests:
        begun = time.monotonic()
        assert not _fails(each, None), f"without a mutant these must pass: {each}"
        patience.append(3 * (time.monotonic() - begun) + 10)
    code = path.read_text(encoding="utf-8")
    try:
        for wrong in mutants(code):
            path.write_text(wrong, encoding="utf-8")
            noticed = any(map(_fails, tests, patience))
            yield None if noticed else _survivor(module, code, wrong)
    finally:
        path.write_text(code, encoding="utf-8")


def _tests(module: str) -> tuple[list[str], list[str]]:
    """Return the paths of a module's own tests, and of those around it."""
    room, name = module.split("/")
    files = [f"{room}/{stem}" for stem in ELSEWHERE.get(module, f"test_{name}").split()]
    own = [f"cecli/analytics/{module}.py", *(f"tests/analytics/{file}.py" for file in files)]
    return own, [f"tests/analytics/{room}", *AROUND[room].split()]


def _fails(tests: Sequence[str], patience: float | None) -> bool:
    """Tell whether a test fails, or they take more than *patience* seconds.

    They run in a process of their own, which this one has spared the loading of all but cecli.
    """
    process = multiprocessing.get_context("fork").Process(
        target=_run, args=(tests, patience is None)
    )
    process.start()
    process.join(patience)
    if process.exitcode is None and process.pid:
        os.killpg(process.pid, signal.SIGKILL)
        process.join()
    return process.exitcode != 0


def _run(tests: Sequence[str], keep_bytecode: bool) -> None:
    os.setsid()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    if not keep_bytecode:  # the next mutant, as long and made in the same second, would pass for it
        sys.dont_write_bytecode = True
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    sys.exit(int(pytest.main([*PYTEST, *tests])))


def _survivor(module: str, code: str, wrong: str) -> Survivor:
    """Return the lines that differ; not where, for every change moves them."""
    lines = [*difflib.unified_diff(code.splitlines(), wrong.splitlines(), n=0, lineterm="")][3:]
    was, became = (" ".join(x[1:].strip() for x in lines if x[0] == sign) for sign in "-+")
    return Survivor(module, was, became)


def _explained() -> set[Survivor]:
    found = yaml.safe_load(SURVIVORS.read_text(encoding="utf-8")) or []
    return {
        Survivor(group["module"], line, wrong)
        for group in found
        for line, wrong in (pair.strip().split("\n") for pair in group["wrong"])
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
