"""What the packages bring beside modules: completions that work, and pages that say it all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cecli.analytics.settings.options import OPTIONS
from tools.user import Terminal

SHARE = Path(__file__).parents[1] / "share"
VERBS = ("status", "preview", "enable", "disable", "events", "view", "deliver", "receiver")


@pytest.fixture(scope="module")
def bash(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """Return an interactive bash with both completions, in a folder with a file ``hello.py``."""
    if not (program := shutil.which("bash")):
        pytest.skip("there is no bash here")
    folder = tmp_path_factory.mktemp("folder")
    (folder / "hello.py").touch()
    start = f"import os; os.execv({program!r}, ['bash', '--norc', '-i'])"
    # No command is found in this PATH: what is completed is not run.
    environ = {"PATH": str(folder), "PS1": "READY ", "TERM": "dumb", "INPUTRC": os.devnull}
    terminal = Terminal("-c", start, cwd=folder, env=environ)
    terminal.wait_for("READY ")
    for command in ("cecli", "cecli-analytics"):
        terminal.type(f"source '{SHARE}/bash-completion/completions/{command}' && echo O''K\n")
        terminal.wait_for("OK\nREADY ")
        terminal.shown = ""
    yield terminal
    terminal.type("exit 0\n")
    assert terminal.finish() == 0


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("cecli --analytics-di", "cecli --analytics-disable "),
        ("cecli --analytics-log hel", "cecli --analytics-log hello.py "),
        ("cecli hel", "cecli hello.py "),
        ("cecli --model some hel", "cecli --model some hello.py "),
        ("cecli-analytics st", "cecli-analytics status "),
        ("cecli-analytics view --fol", "cecli-analytics view --follow "),
        ("cecli-analytics view hel", "cecli-analytics view hello.py "),
    ],
)
def test_a_tab_completes_options_verbs_and_files(
    bash: Terminal, typed: str, completed: str
) -> None:
    bash.type(f"{typed}\t#\n")
    bash.wait_for("READY ")
    shown, bash.shown = bash.shown, ""
    assert f"{completed}#" in shown


def test_the_manual_names_every_option_and_every_verb() -> None:
    pages = {
        name: (SHARE / "man" / "man1" / f"{name}.1").read_text().replace(r"\-", "-")
        for name in ("cecli", "cecli-analytics")
    }
    for option in OPTIONS:
        assert f"--{option.name}" in pages["cecli"]
        assert option.variable() in pages["cecli"]
    for verb in VERBS:
        assert f"COMMAND \\fI\\,'cecli-analytics {verb}'" in pages["cecli-analytics"]
