"""What ``make run`` shows, to its end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tools.demo import PAGE
from tools.user import PATIENCE

ROOT = Path(__file__).parents[1]


def test_the_demonstration_ends_with_a_summary_and_names_its_page() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tools.demo"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "log and receiver agree: 2 events" in ended.stdout
    assert "2 events of 1 session" in ended.stdout
    assert ended.stdout.splitlines()[-1] == f"{str(PAGE)!r}: the page of 2 events"
