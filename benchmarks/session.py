"""What a session of ten events costs, beside a bare program, the raw PostHog SDK, and the limit."""

from __future__ import annotations

from benchmarks import ground, timing
from benchmarks.ratio import ratio
from benchmarks.results import Bound, Part, added, figures, part_of
from benchmarks.timing import Candidate

PASS, LIMIT = "an interpreter: python -c pass", "the limit: ten encodings and ten writes"
BARE, OFF, ON = "a bare program", "with cecli, off", "with cecli, on"
SDK = "with the raw SDK"


def measure(runs: int = 61) -> Part:
    """Time whole processes, in turns, with a server that answers."""
    with ground.receiver() as url, ground.user(url) as user:
        environ, host = ground.environ(user.home), f"{ground.HOST}={url}"
        limit = user.home / "limit.jsonl"
        times = timing.processes(
            {
                PASS: Candidate([str(ground.NEWEST), "-c", "pass"], environ),
                LIMIT: ground.program("limit", limit, environ=environ),
                BARE: ground.program("bare", host, environ=environ),
                OFF: ground.program("ours", host, "--no-analytics", environ=environ),
                ON: ground.program("ours", host, environ=environ),
                SDK: ground.program("sdk", host, environ=environ),
            },
            runs=runs,
            before=lambda _: ground.ready(user),
        )
    to_sdk = ratio(times, ON, SDK, beyond=BARE)
    return Part(
        "A session of ten events",
        bounds=(
            Bound(
                "what cecli adds to a bare program, to what the raw SDK adds",
                to_sdk,
                1 / 6,
                "Who waits must not pay for what is sent later. It is an eighth on a quiet machine;"
                " on a busy one processors slow down more than the SDK's waits.",
            ),
            Bound(
                "what cecli adds when it is on, to an interpreter's start",
                ratio(times, ON, PASS, beyond=(OFF, "")),
                0.8,
                "To record ten events must cost less than to start Python once more.",
            ),
            Bound(
                "a program with cecli, off, to a bare program",
                ratio(times, OFF, BARE),
                1.35,
                "Who said no pays for the options and for a look at the answer, and no more.",
            ),
            Bound(
                "a program with cecli, on, to the limit",
                ratio(times, ON, LIMIT),
                4,
                "Most of it is configargparse and YAML, which a program with options has anyway.",
            ),
        ),
        figures=figures(times),
        added=added(times, BARE, ON, SDK),
        quoted=(
            f"For a session of ten events a user waits {part_of(to_sdk)} the time that the raw"
            " PostHog SDK adds to a program. The SDK has sent them by then; cecli's leave"
            " afterwards, from [a process of low priority](docs/scale.md#an-ordinary-day).",
        ),
    )
