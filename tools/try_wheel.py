"""Install a wheel as a user does, in a clean environment, and try what came with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from tools.packages import ROOT


def main(wheel: Path, base: Path) -> None:
    """Exit with a sentence if something doesn't run; the environment is made in *base*."""
    home, clean, example = base / "home", base / "clean", base / "notes"
    home.mkdir(parents=True)
    venv.create(clean, with_pip=True)
    scripts = clean / ("Scripts" if os.name == "nt" else "bin")

    def install(what: str) -> None:
        run(str(scripts / "python"), "-m", "pip", "install", "--quiet", what)

    def use(*command: str) -> str:
        return run(str(scripts / command[0]), *command[1:], folder=home, home=home)

    install(str(wheel))
    use("cecli", "--version")
    use("cecli", "--no-analytics", "--analytics-log", "log.jsonl")
    use("cecli-analytics", "view", "log.jsonl")
    use("cecli-analytics", "events")
    use("cecli-analytics", "preview")
    if "launched" not in (home / "log.jsonl").read_text(encoding="utf-8"):
        sys.exit("the installed cecli wrote no log")
    for command in ("cecli", "cecli-analytics"):
        show_manual(clean / "share" / "man", command)
        if not (clean / "share" / "bash-completion" / "completions" / command).exists():
            sys.exit(f"the wheel brought no completion for {command}")
    install(f"{wheel}[view]")
    use("cecli-analytics", "view", "log.jsonl", "--html", "page.html")
    shutil.copytree(ROOT / "examples" / "notes", example)  # a copy, for a build leaves files there
    install(str(example))
    use("notes", "add", "milk", "--analytics-log", "notes.jsonl")
    use("notes-analytics", "view", "notes.jsonl")
    use("notes-analytics", "events")


def show_manual(folder: Path, command: str) -> None:
    """Let ``man`` show the page of a command, if this machine has it; it may warn of nothing."""
    if not shutil.which("man"):
        print(f"there is no man here: the page of {command} was not shown")
        return
    path = folder / "man1" / f"{command}.1"
    environ = {**os.environ, "MANWIDTH": "80", "LC_ALL": "C.UTF-8"}
    ended = subprocess.run(
        ["man", "--warnings", "-l", str(path)],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode != 0 or ended.stderr or command not in ended.stdout:
        sys.exit(f"man can't show {path.name}:\n{ended.stderr}")


def run(*command: str, folder: Path = ROOT, home: Path | None = None) -> str:
    """Run a command and return its output; exit with what it printed if it fails."""
    places = dict.fromkeys(("HOME", "USERPROFILE"), str(home))  # the second is Windows'
    environ = {**os.environ, **places} if home else None
    ended = subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    if ended.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{ended.stdout}{ended.stderr}")
    return ended.stdout
