"""Build the packages of a release: from what git tracks alone, the same bytes whoever builds them.

Owns what goes into the packages. The wheel of a release has the key of cecli's own PostHog project.
The source distribution has none, as the source tree: whoever builds from it or runs its tests
pollutes nobody's data, and a distributor decides for itself.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"
_NO_KEY = "PROJECT_API_KEY: str | None = None\n"


def tracked(root: Path = ROOT) -> list[str]:
    """Return the files that git tracks below a folder, sorted."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, stdout=subprocess.PIPE, check=True)
    names = os.fsdecode(listed.stdout).split("\0")
    return sorted(name for name in names if name and (root / name).exists())


def export(folder: Path) -> None:
    """Copy what git tracks, as it is now, into a folder that there isn't yet."""
    for name in tracked():
        copy = folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy)


def set_key(folder: Path, key: str) -> None:
    """Let the cecli in a folder send to its own PostHog project.

    Raises:
        ValueError: *key* can't be a project's key.
    """
    if not re.fullmatch(r"phc_[A-Za-z0-9]{20,60}", key):
        raise ValueError(
            "the key (not shown) is no project's: expected phc_ and 20 to 60 letters and digits"
        )
    module = folder / "cecli" / "analytics" / "program.py"
    text = module.read_text(encoding="utf-8")
    if text.count(_NO_KEY) != 1:
        raise ValueError(f"{module}: {_NO_KEY.strip()!r} was expected in it, once")
    module.write_text(text.replace(_NO_KEY, _NO_KEY.replace("None\n", f'"{key}"\n')), "utf-8")


def build(tree: Path, dist: Path, key: str | None = None) -> tuple[Path, Path]:
    """Build the wheel and the source distribution of a tree; return both.

    The same tree gives the same bytes in any folder and at any time: hatchling writes a time of its
    own into them, unless the environment names one. With a *key*, the tree keeps it.
    """
    _build("--sdist", tree, dist)
    if key is not None:
        set_key(tree, key)
    _build("--wheel", tree, dist)
    [wheel], [sdist] = dist.glob("*.whl"), dist.glob("*.tar.gz")
    return wheel, sdist


def _build(kind: str, tree: Path, dist: Path) -> None:
    environ = {name: text for name, text in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    command = [sys.executable, "-m", "build", kind, "--outdir", str(dist), str(tree)]
    ended = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        sys.exit(f"the packages can't be built:\n{ended.stdout}{ended.stderr}")


def main() -> int:
    """Put a release's packages into ``dist/``, where no others may be."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("key", help="the key of cecli's own PostHog project (phc_…)")
    key = words.parse_args().key
    if not key:
        words.error("expected a key: make release KEY=phc_…")
    changed = subprocess.run(
        ["git", "status", "--porcelain"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    if changed:
        sys.exit(f"a release is made of a commit alone; these differ from it:\n{changed}")
    if DIST.exists():
        sys.exit(f"{DIST} is there already; `rm -r dist` removes it")
    with tempfile.TemporaryDirectory() as base:
        export(Path(base, "tree"))
        try:
            build(Path(base, "tree"), Path(base, "dist"), key)
        except ValueError as problem:
            sys.exit(str(problem))
        shutil.copytree(Path(base, "dist"), DIST)
    for package in sorted(DIST.iterdir()):
        print(sha256(package.read_bytes()).hexdigest(), package.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
