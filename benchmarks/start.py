"""What a program's start costs with cecli, beside a bare configargparse program's."""

from __future__ import annotations

from benchmarks import ground, timing
from benchmarks.ratio import ratio
from benchmarks.results import Bound, Part, figures
from benchmarks.timing import Candidate

EMPTY, PASS = "an empty interpreter: python -I -S -c pass", "an interpreter: python -c pass"
BARE_VERSION, VERSION = "a bare program --version", "cecli --version"
BARE, OFF, STATUS = "a bare program", "cecli --no-analytics", "cecli-analytics status"
IMPORT, AND_OURS = "import configargparse", "import configargparse, cecli.analytics"


def measure(runs: int = 41) -> Part:
    """Time whole processes, in turns."""
    with ground.user() as user:
        environ = ground.environ(user.home)
        python = str(ground.NEWEST)
        times = timing.processes(
            {
                EMPTY: Candidate([python, "-I", "-S", "-c", "pass"], environ),
                PASS: Candidate([python, "-c", "pass"], environ),
                IMPORT: Candidate([python, "-c", IMPORT], environ),
                AND_OURS: Candidate([python, "-c", AND_OURS], environ),
                BARE_VERSION: ground.program("bare", "--version", environ=environ),
                VERSION: ground.program("command", "--version", environ=environ),
                BARE: ground.program("bare", environ=environ),
                OFF: ground.program("command", "--no-analytics", environ=environ),
                STATUS: ground.program("status", environ=environ),
            },
            runs=runs,
        )
    return Part(
        "The start of a program",
        bounds=(
            Bound(
                "cecli --version, to a bare program's --version",
                ratio(times, VERSION, BARE_VERSION),
                1.15,
                "Nobody feels a seventh of a start; a module that is loaded by mistake costs more.",
            ),
            Bound(
                "import cecli.analytics, to an interpreter's start",
                ratio(times, AND_OURS, PASS, beyond=(IMPORT, "")),
                0.5,
                "Who only imports it pays for names, not for what stands behind them.",
            ),
            Bound(
                "cecli-analytics status, to a bare program",
                ratio(times, STATUS, BARE),
                1.5,
                "It reads the settings, the consent and the queue, and nothing that records.",
            ),
        ),
        figures=figures(times),
    )
