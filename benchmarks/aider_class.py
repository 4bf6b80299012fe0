"""What a session and an event cost, beside aider's own analytics class, where aider is loaded."""

from __future__ import annotations

from benchmarks import event, ground, timing
from benchmarks.event import AIDERS, BOTH
from benchmarks.ratio import ratio
from benchmarks.results import Bound, Part, figures, part_of

BARE, ON, CLASS = "a program with aider", "with cecli, on", "with aider's own class"


def measure(runs: int = 25) -> Part:
    """Time whole processes, and then calls, in turns. The class has the SDK that aider takes."""
    python = ground.aider()
    with ground.receiver() as url, ground.user(url) as user:
        ground.agree_to_aider(user.home)
        environ, host = ground.environ(user.home), f"{ground.HOST}={url}"
        times = timing.processes(
            {
                name: ground.program(
                    "in_aider",
                    ground.PROGRAMS / f"{program}.py",
                    host,
                    python=python,
                    environ=environ,
                )
                for name, program in ((BARE, "bare"), (ON, "ours"), (CLASS, "aiders"))
            },
            runs=runs,
            before=lambda _: ground.ready(user, python),
        )
    calls = event.calls(python, "200", "aider")
    to_class, called = ratio(times, ON, CLASS, beyond=BARE), ratio(calls, BOTH, AIDERS)
    return Part(
        "Beside aider's own analytics class",
        bounds=(
            Bound(
                "a session: what cecli adds to a program with aider, to what the class adds",
                to_class,
                1 / 10,
                "The class has the SDK, and at its end waits for it: up to half a second.",
            ),
            Bound(
                "event() to log and queue, to the class's event() to log and SDK",
                called,
                1 / 2,
                "The class opens its log for each event, and hands the event to capture.",
            ),
        ),
        figures=figures(times) + figures({BOTH: calls[BOTH], AIDERS: calls[AIDERS]}),
        quoted=(
            f"Where aider is loaded already, a session of ten events adds {part_of(to_class)} what"
            f" aider's own analytics class adds, and an event takes {part_of(called)} the time.",
        ),
    )
