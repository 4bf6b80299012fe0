"""Random sessions are never on where the oracle, written from the README's words, says off."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.combinations import as_possible, combination, names
from tests.oracle import Session, Verdict, Why, judge
from tools.user import PATIENCE

ROOT = Path(__file__).parents[1]

FEW = [(first, 500) for first in range(0, 2_000, 500)]
MANY = [(first, 5_000) for first in range(100_000, 150_000, 5_000)]

NEEDS_ROOT = {Why.HOME, Why.OFF_OF_THE_MACHINE} if os.geteuid() else set()
"""What only root can make: the homes of others, and the machine's file."""

_Of = Callable[[int], tuple[Session, Verdict]]


@pytest.fixture
def of(tmp_path: Path) -> _Of:
    """Return what makes a session of its seed, and the oracle's word on it."""
    name_of = names(tmp_path)

    def of(seed: int) -> tuple[Session, Verdict]:
        session = as_possible(combination(seed, name_of))
        return session, judge(session, name_of)

    return of


def states(first: int, count: int, home: Path) -> dict[int, str]:
    """Run the sessions of these seeds, in a process of their own, before a terminal of its own."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.rehearsal", str(first), str(count)],
        cwd=ROOT,
        env={**os.environ, "HOME": str(home)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
        text=True,
        timeout=PATIENCE + count,
        check=True,
    )
    return dict(json.loads(line) for line in ended.stdout.splitlines())


def shown(found: dict[int, str], of: _Of) -> str:
    """Show how many there are for each reason, and the shortest of each, whole."""
    by_reason: dict[Why, list[int]] = {}
    for seed in found:
        by_reason.setdefault(of(seed)[1].why, []).append(seed)
    lines = ["to repeat one: python -m tests.rehearsal SEED 1"]
    for why, seeds in by_reason.items():
        shortest = min(seeds, key=lambda seed: len(str(of(seed)[0])))
        lines += [f"{len(seeds)} times, though {why.value}; seed {shortest}: {found[shortest]}"]
        lines += [f"    {of(shortest)[0]}"]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("first", "count"), [*FEW, *(pytest.param(*part, marks=pytest.mark.long) for part in MANY)]
)
def test_no_session_is_on_where_the_oracle_says_off(
    first: int, count: int, of: _Of, home: Path
) -> None:
    found = states(first, count, home)
    verdicts = {seed: of(seed)[1] for seed in range(first, first + count)}
    assert found.keys() == verdicts.keys()
    on = {seed: state for seed, state in found.items() if state == "on"}
    assert len(on) > count / 10
    wrong = {seed: state for seed, state in on.items() if not verdicts[seed].may}
    assert not wrong, shown(wrong, of)
    missed = {s: state for s, state in found.items() if verdicts[s].must and state != "on"}
    assert not missed, shown(missed, of)
    known = ("on", "off", "log only", "exit 0", "exit 1", "exit 2")
    raised = {seed: state for seed, state in found.items() if state not in known}
    assert not raised, shown(raised, of)


def test_the_sessions_have_each_reason_to_be_on_or_off(of: _Of) -> None:
    seen = Counter(of(seed)[1].why for first, count in FEW for seed in range(first, first + count))
    assert set(Why) - set(seen) <= NEEDS_ROOT
