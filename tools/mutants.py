"""Owns the mutants: a room's lines made wrong, one at a time, and whether a test notices.

Run by ``make mutants`` in a copy of the tree, because it writes the wrong lines into the files that
the tests import. What no test notices must be explained in ``tests/survivors.yml``.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml
from cosmic_ray.commands import execute, init
from cosmic_ray.config import ConfigDict
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import OPERATOR_PROVIDERS, get_operator
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkResult

from tools.mutations import OPERATORS, changes

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
    "consent/lock": "test_record",
    "consent/settling": "../test_resolution",
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
    "-m pytest --quiet --exitfirst -p no:cacheprovider -p no:randomly --hypothesis-seed=0 "
    "--tb=no -m 'not long and not page'"
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
    OPERATOR_PROVIDERS.clear()
    OPERATOR_PROVIDERS["cecli"] = OPERATORS
    explained, wrong = _explained(), 0
    for module in _modules(argv or sorted(AROUND)):
        begun = time.monotonic()
        total, survivors = _try(module)
        unknown = survivors - explained
        stale = {each for each in explained if each.module == module} - survivors
        minutes = (time.monotonic() - begun) / 60
        print(f"{module}: {total} mutants, {len(survivors)} unnoticed, {minutes:.1f} minutes")
        for each in sorted(unknown):
            print(f"  not explained in {SURVIVORS.name}:\n  - {each.line}\n  + {each.wrong}")
        for each in sorted(stale):
            print(f"  explained, but noticed or gone:\n  - {each.line}\n  + {each.wrong}")
        sys.stdout.flush()
        wrong += len(unknown) + len(stale)
    return 1 if wrong else 0


def _modules(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        if "/" in name:
            yield name
        else:
            found = sorted((ROOMS / name).glob("[!_]*.py"))
            yield from (f"{name}/{path.stem}" for path in found)


def _try(module: str) -> tuple[int, set[Survivor]]:
    """Return how many mutants a module has, and those that survived its tests."""
    path = (ROOMS / module).with_suffix(".py")
    command = _command(module)
    begun = time.monotonic()
    subprocess.run(shlex.split(command), check=True, stdout=subprocess.DEVNULL)
    patience = 3 * (time.monotonic() - begun) + 10
    sessions = ROOT / "sessions"
    sessions.mkdir(exist_ok=True)
    with use_db(sessions / f"{module.replace('/', '.')}.sqlite", WorkDB.Mode.create) as session:
        init([path], session, {})
        _skip_what_changes_nothing(session, path.read_text(encoding="utf-8"))
        settings = {"test-command": command, "timeout": patience, "distributor": {"name": "local"}}
        execute(session, ConfigDict(settings))
        done = [
            result
            for _, result in session.completed_work_items
            if result.worker_outcome is not WorkerOutcome.SKIPPED
        ]
        left = [result for result in done if result.test_outcome is TestOutcome.SURVIVED]
        broken = [result for result in done if result.worker_outcome is not WorkerOutcome.NORMAL]
        assert not broken, broken[0].output
        return len(done), {_survivor(module, result.diff or "") for result in left}


def _command(module: str) -> str:
    """Return the command that runs a module's tests: its own first, then those around it."""
    room, name = module.split("/")
    files = [f"{room}/{stem}" for stem in ELSEWHERE.get(module, f"test_{name}").split()]
    own = [f"cecli/analytics/{module}.py", *(f"tests/analytics/{file}.py" for file in files)]
    around = [f"tests/analytics/{room}", *AROUND[room].split()]
    first, then = (f"{shlex.quote(sys.executable)} {PYTEST} {' '.join(p)}" for p in (own, around))
    return shlex.join(("sh", "-c", f"{first} && {then}"))


def _skip_what_changes_nothing(session: WorkDB, code: str) -> None:
    skipped = WorkResult(worker_outcome=WorkerOutcome.SKIPPED)
    for item in session.work_items:
        (mutation,) = item.mutations
        operator = get_operator(mutation.operator_name)()
        wrong = mutate_code(code, operator, mutation.occurrence)
        if wrong is None or not changes(code, wrong):
            session.set_result(item.job_id, skipped)


def _survivor(module: str, diff: str) -> Survivor:
    """Return what a diff says without the places of its lines, which every change moves."""
    body = [line for line in diff.splitlines() if not re.match(r"---|\+\+\+|@@", line)]
    line, wrong = (
        " ".join(each[1:].strip() for each in body if each.startswith(sign)) for sign in "-+"
    )
    return Survivor(module, line, wrong)


def _explained() -> set[Survivor]:
    found = yaml.safe_load(SURVIVORS.read_text(encoding="utf-8")) or []
    return {
        Survivor(group["module"], line, wrong)
        for group in found
        for line, wrong in (pair.strip().split("\n") for pair in group["wrong"])
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
