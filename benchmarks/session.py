"""The start and end of a coding session, beside aider's own with its analytics off.

It should be no slower than that, also with analytics on. Needs the extra ``aider``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import timing
from cecli.analytics.destination import Destination
from cecli.analytics.spool import names
from tools.user import Home

REFUSED = Destination("http://127.0.0.1:9", "phc_benchmark")
OPTIONS = [
    *("--exit", "--model", "openai/none", "--openai-api-key", "none", "--no-gitignore"),
    *("--no-check-update", "--no-show-release-notes", "--no-show-model-warnings"),
    *("--no-pretty", "--no-fancy-input"),
]


def main() -> None:
    """Print the medians and their ratios."""
    bin = Path(sys.executable).parent
    with tempfile.TemporaryDirectory() as base:
        home, project = Path(base, "home"), Path(base, "project")
        project.mkdir()
        caches = home / ".aider" / "caches"
        caches.mkdir(parents=True)
        (caches / "model_prices_and_context_window.json").write_text('{"none": {}}')
        environ = {
            **{name: v for name, v in os.environ.items() if name not in ("CI", "DO_NOT_TRACK")},
            "HOME": str(home),
            "TERM": "dumb",
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "CECLI_ANALYTICS_POSTHOG_HOST": REFUSED.host,
            "CECLI_ANALYTICS_POSTHOG_PROJECT_API_KEY": REFUSED.key or "",
        }
        subprocess.run(["git", "init", "--quiet"], cwd=project, check=True)
        os.chdir(project)
        user = Home(home)
        user.agree(REFUSED)
        log = str(Path(base, "log.jsonl"))
        cecli = str(bin / "cecli")
        times = timing.processes(
            {
                "aider --no-analytics": [str(bin / "aider"), "--no-analytics", *OPTIONS],
                "cecli --no-analytics": [cecli, "--no-analytics", *OPTIONS],
                "cecli, analytics on and logged": [cecli, "--analytics-log", log, *OPTIONS],
            },
            runs=int(sys.argv[1]) if len(sys.argv) > 1 else 15,
            environ=environ,
            before=lambda _: (Path(user.paths.spool) / names.STATE).unlink(missing_ok=True),
        )  # without what deliverers remember, each session starts one
        base_name = "aider --no-analytics"
        timing.show("Start and end of a session", times, unit="ms", base=base_name)
        spooled = sum(path.stat().st_size for path in Path(user.paths.spool).rglob("*"))
        if not spooled:
            sys.exit("nothing was spooled: analytics was not on")


if __name__ == "__main__":
    main()
