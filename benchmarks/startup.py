"""What cecli adds to the start of a program, beside a bare configargparse program."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks import timing

BARE = """
import configargparse
parser = configargparse.ArgumentParser(
    prog="bare",
    auto_env_var_prefix="BARE_",
    config_file_parser_class=configargparse.YAMLConfigFileParser,
    default_config_files=["~/.bare.conf.yml", ".bare.conf.yml"],
)
parser.add_argument("--version", action="version", version="1")
parser.add_argument("--analytics", action="store_true")
parser.add_argument("--no-analytics", action="store_true")
parser.add_argument("--analytics-disable", action="store_true")
parser.add_argument("--analytics-log")
parser.add_argument("--analytics-posthog-project-api-key")
parser.add_argument("--analytics-posthog-host")
parser.parse_args()
"""
STATUS = """
from cecli.main import inspect
inspect(["status"])
"""
CECLI = """
import sys
from cecli.main import main
sys.exit(main())
"""


def main() -> None:
    """Print the medians and their ratios."""
    python = sys.executable
    with tempfile.TemporaryDirectory() as home:
        environ = {**os.environ, "HOME": home, "DO_NOT_TRACK": ""}
        bare, cecli, status = (Path(home, f"{name}.py") for name in ("bare", "cecli_", "status"))
        bare.write_text(BARE)
        status.write_text(STATUS)
        cecli.write_text(CECLI)
        times = timing.processes(
            {
                "a bare program --version": [python, str(bare), "--version"],
                "cecli --version": [python, str(cecli), "--version"],
                "a bare program": [python, str(bare)],
                "cecli --no-analytics": [python, str(cecli), "--no-analytics"],
                "cecli-analytics status": [python, str(status)],
            },
            runs=60,
            environ=environ,
        )
        timing.show("Whole processes", times, unit="ms", base="a bare program --version")
        version = median(times["cecli --version"]) / median(times["a bare program --version"])
        timing.bound("cecli --version, to the bare program's", version, 1.15)
        looked = median(times["cecli-analytics status"]) / median(times["a bare program"])
        timing.bound("cecli-analytics status, to the bare program", looked, 1.5)
        times = timing.processes(
            {
                "import configargparse": [python, "-c", "import configargparse"],
                "and cecli.analytics": [python, "-c", "import configargparse, cecli.analytics"],
                "and all that resolve needs": [
                    python,
                    "-c",
                    "import configargparse; from cecli.analytics import resolve",
                ],
            },
            runs=60,
            environ=environ,
        )
        timing.show("Imports", times, unit="ms", base="import configargparse")
        added = timing.difference(times, "and cecli.analytics", "import configargparse") * 1e3
        timing.bound("import cecli.analytics adds", added, 5, "ms")
    timing.finish()


if __name__ == "__main__":
    main()
