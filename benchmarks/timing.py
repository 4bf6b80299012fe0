"""Takes times on a noisy machine: the candidates take turns, so that each turn is a fair pair."""

from __future__ import annotations

import gc
import subprocess
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from random import Random
from typing import NamedTuple

Turns = dict[str, list[float]]
"""What was found of each candidate, turn after turn, the same turn at the same place; seconds,
where nothing else is said."""


class Candidate(NamedTuple):
    """A program that is timed as a whole process."""

    command: list[str]
    environ: Mapping[str, str]
    folder: Path | None = None
    """Where it runs; here, if that isn't said."""


def turns(
    actions: Mapping[str, Callable[[], object]],
    *,
    runs: int,
    before: Callable[[str], object] = lambda name: None,
) -> Turns:
    """Return the wall time of each action, each once in a turn.

    The first turn isn't counted: it fills caches and compiles. Each turn has an order of its own,
    by chance that is the same in each run, so that none always follows the same one.

    Args:
        actions: by name.
        runs: how many turns are counted.
        before: prepares an action, untimed.
    """
    times: Turns = {name: [] for name in actions}
    names, chance = list(actions), Random(len(actions))
    for run in range(runs + 1):
        chance.shuffle(names)
        for name in names:
            before(name)
            start = time.perf_counter()
            actions[name]()
            if run:
                times[name].append(time.perf_counter() - start)
    return times


def processes(
    candidates: Mapping[str, Candidate],
    *,
    runs: int,
    before: Callable[[str], object] = lambda name: None,
) -> Turns:
    """Return the wall time of each candidate from its start to its end, as :func:`turns` does.

    Raises:
        RuntimeError: one has failed; the message ends with what it said.
    """
    return turns(
        {name: partial(run, candidate) for name, candidate in candidates.items()},
        runs=runs,
        before=before,
    )


def run(candidate: Candidate) -> str:
    """Run a candidate to its end, without a terminal; return what it printed.

    Raises:
        RuntimeError: it has failed; the message ends with what it said.
    """
    ended = subprocess.run(
        candidate.command,
        env=dict(candidate.environ),
        cwd=candidate.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        words = " ".join(candidate.command)
        raise RuntimeError(f"{words}: ended with {ended.returncode}: {ended.stderr.strip()[-500:]}")
    return ended.stdout


def calls(functions: Mapping[str, Callable[[], object]], *, runs: int, each: int) -> Turns:
    """Return the time of one call of each function; a turn is *each* calls of each of them."""
    times = turns(
        {name: partial(_repeat, function, each) for name, function in functions.items()},
        runs=runs,
        before=lambda _: _tidy(),
    )
    return {name: [seconds / each for seconds in found] for name, found in times.items()}


def _tidy() -> None:
    """Let nobody pay for what another has left behind; nor this, the next time."""
    gc.collect()
    gc.freeze()


def _repeat(function: Callable[[], object], times: int) -> None:
    for _ in range(times):
        function()
