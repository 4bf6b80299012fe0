"""What the start and the end of a coding session cost, beside aider's own without analytics.

Both run the same aider, and nothing is asked in between. It should be no slower, also with
analytics on.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from benchmarks import ground, timing
from benchmarks.ratio import ratio
from benchmarks.results import Bound, Part, figures
from benchmarks.timing import Candidate
from cecli.analytics.destination import Destination

OPTIONS = (
    *("--exit", "--model", "openai/none", "--openai-api-key", "none", "--no-gitignore"),
    *("--no-check-update", "--no-show-release-notes", "--no-show-model-warnings"),
    *("--no-pretty", "--no-fancy-input"),
)
AIDER, OFF, ON = "aider, off", "cecli, off", "cecli, on and logged"


def measure(runs: int = 15) -> Part:
    """Time whole sessions, in turns, in a git repository."""
    aider, cecli, host = ground.aider("aider"), ground.aider("cecli"), "http://127.0.0.1:9"
    with ground.user() as user:
        user.agree(Destination(host, ground.KEY))
        ground.agree_to_aider(user.home)
        subprocess.run(["git", "init", "--quiet", user.home / "project"], check=True)
        environ = ground.environ(user.home) | {
            "TERM": "dumb",
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            ground.HOST_VARIABLE: host,
            "CECLI_ANALYTICS_POSTHOG_PROJECT_API_KEY": ground.KEY,
        }
        spool, log = Path(user.paths.spool), user.home / "log.jsonl"
        waited: list[Path] = []

        def anew(_: str) -> None:
            waited.extend(spool.glob("*"))
            ground.start_anew(user)

        commands = {
            AIDER: [aider, "--no-analytics"],
            OFF: [cecli, "--no-analytics"],
            ON: [cecli, "--analytics-log", log],
        }
        times = timing.processes(
            {
                name: Candidate([*map(str, words), *OPTIONS], environ, user.home / "project")
                for name, words in commands.items()
            },
            runs=runs,
            before=anew,
        )
        assert waited, "nothing has waited: analytics was not on"
    return Part(
        "The start and the end of a coding session",
        bounds=(
            Bound(
                "cecli, on and logged, to aider without its analytics",
                ratio(times, ON, AIDER),
                1.05,
                "Who comes from aider feels no twentieth; what would be felt is a module too much.",
            ),
        ),
        figures=figures(times),
    )
