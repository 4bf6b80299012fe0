"""What cecli adds to the start of a program, beside a bare configargparse program.

Bounds: ``cecli --version`` at most 1.15 times the bare program; ``import cecli.analytics`` at most
5 ms on top of ``import configargparse``.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

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
PROGRAM = "import sys; from cecli.main import main; sys.exit(main())"


def main() -> None:
    """Print the medians and their ratios."""
    python = sys.executable
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(HOME=home, DO_NOT_TRACK="")
        bare = Path(home, "bare.py")
        bare.write_text(BARE)
        cecli = Path(home, "cecli.py")
        cecli.write_text(PROGRAM.replace("; ", "\n"))
        start = Path(home, "start")
        start.mkdir()
        cecli = cecli.rename(start / "program.py")
        times = timing.processes(
            {
                "a bare program --version": [python, str(bare), "--version"],
                "cecli --version": [python, str(cecli), "--version"],
                "a bare program": [python, str(bare)],
                "cecli --no-analytics, a whole session": [python, str(cecli), "--no-analytics"],
            },
            runs=60,
        )
        timing.show("Whole processes", times, unit="ms", base="a bare program --version")
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
        )
        timing.show("Imports", times, unit="ms", base="import configargparse")
        for name in ("and cecli.analytics", "and all that resolve needs"):
            added = timing.difference(times, name, "import configargparse") * 1e3
            print(f"  {name} adds {added:.1f} ms")


if __name__ == "__main__":
    main()
