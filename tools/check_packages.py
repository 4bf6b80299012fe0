"""Build the wheel and the sdist; install the wheel and the example program, and run both."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> int:
    """Exit with 1 after a sentence if something is missing or doesn't run."""
    with tempfile.TemporaryDirectory() as base:
        dist, home, clean = Path(base, "dist"), Path(base, "home"), Path(base, "clean")
        home.mkdir()
        run(sys.executable, "-m", "build", "--outdir", str(dist), str(ROOT))
        [wheel] = dist.glob("*.whl")
        [_sdist] = dist.glob("*.tar.gz")
        strangers = [
            name
            for name in zipfile.ZipFile(wheel).namelist()
            if not name.startswith(("cecli/", "cecli-"))
        ]
        if strangers:
            sys.exit(f"{wheel.name} holds what isn't cecli's: {', '.join(strangers)}")
        venv.create(clean, with_pip=True)
        scripts = clean / ("Scripts" if os.name == "nt" else "bin")
        run(str(scripts / "python"), "-m", "pip", "install", "--quiet", str(wheel))
        for command in (
            ["cecli", "--version"],
            ["cecli", "--no-analytics", "--analytics-log", "log.jsonl"],
            ["cecli-analytics", "view", "log.jsonl"],
            ["cecli-analytics", "events"],
            ["cecli-analytics", "preview"],
        ):
            run(str(scripts / command[0]), *command[1:], folder=home, home=home)
        run(str(scripts / "python"), "-m", "pip", "install", "--quiet", f"{wheel}[view]")
        page = ["cecli-analytics", "view", "log.jsonl", "--html", "page.html"]
        run(str(scripts / page[0]), *page[1:], folder=home, home=home)
        if "launched" not in (home / "log.jsonl").read_text():
            sys.exit("the installed cecli wrote no log")
        example = Path(base, "notes")  # a copy, for a build leaves files there
        shutil.copytree(ROOT / "examples" / "notes", example)
        run(str(scripts / "python"), "-m", "pip", "install", "--quiet", str(example))
        for command in (
            ["notes", "add", "milk", "--analytics-log", "notes.jsonl"],
            ["notes-analytics", "view", "notes.jsonl"],
            ["notes-analytics", "events"],
        ):
            run(str(scripts / command[0]), *command[1:], folder=home, home=home)
    print(f"{wheel.name} and its sdist: built, and the wheel runs in a clean environment")
    return 0


def run(*command: str, folder: Path = ROOT, home: Path | None = None) -> None:
    """Run a command in silence; exit with what it printed if it fails."""
    environ = {**os.environ, "HOME": str(home)} if home else None
    ended = subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    if ended.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{ended.stdout}{ended.stderr}")


if __name__ == "__main__":
    sys.exit(main())
