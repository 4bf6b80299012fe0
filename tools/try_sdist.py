"""Unpack the source distribution where there is no git, and run its tests as a newcomer does."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from tools import packages

_PYTEST = (".venv/bin/pytest", "--numprocesses", "auto", "-m", "not long and not page")


def main() -> int:
    """Return the exit code of the tests; more words are given to pytest."""
    with tempfile.TemporaryDirectory() as base:
        Path(base).chmod(0o755)  # some tests are of two users, and both must come to the Python
        packages.export(Path(base, "tree"))
        _, sdist = packages.build(Path(base, "tree"), Path(base, "dist"))
        with tarfile.open(sdist) as archive:
            archive.extractall(Path(base, "unpacked"), filter="data")
        [tree] = Path(base, "unpacked").iterdir()
        subprocess.run(["make", ".venv/ready"], cwd=tree, check=True)
        return subprocess.run([*_PYTEST, *sys.argv[1:]], cwd=tree, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
