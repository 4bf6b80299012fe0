"""Build the wheel and the sdist twice; hold what is in them, and try the wheel as a user would."""

from __future__ import annotations

import email
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from email.message import Message
from pathlib import Path

from readme_renderer.markdown import render

from tools import packages, try_wheel

_CACHES = (".venv/bin/cecli", ".mypy_cache/a.json", "cecli/__pycache__/a.pyc", "build/lib/a.py")
"""What stands in a developer's tree, and belongs into no package."""
_SOURCE = "https://example.org/cecli"
_NEEDED = (
    *("Name", "Version", "Summary", "Author", "License-Expression", "License-File", "Keywords"),
    *("Classifier", "Project-URL", "Requires-Python", "Description-Content-Type"),
)
"""What the metadata must have."""
_EXTRAS = {"aider", "check", "click", "dev", "litellm", "mutants", "typer", "view"}


def main() -> int:
    """Exit with 1 after a sentence if something is missing, too much, or doesn't run."""
    with tempfile.TemporaryDirectory() as base:
        wheel, sdist = built_twice(Path(base))
        problems = [*check_sdist(sdist), *check_wheel(wheel), *check_metadata(wheel)]
        published = with_source(Path(base))
        problems += check_links(published, to=f"{_SOURCE}/blob/v{published['Version']}/")
        problems += check_key(wheel, sdist, *with_key(Path(base)))
        if problems:
            sys.exit("\n".join(problems))
        run("-m", "twine", "check", "--strict", str(wheel), str(sdist))
        try_wheel.main(wheel, Path(base, "user"))
        print(f"{wheel.name} and {sdist.name}: the same bytes twice; what is in them is known,")
        print("and the wheel runs in a clean environment")
    return 0


def built_twice(base: Path) -> tuple[Path, Path]:
    """Build in two folders, of which the second looks like one in use; return the first's packages.

    Its files are of another time, readable by their owner alone, and among caches.
    """
    first, second = base / "first", base / "another" / "second"
    packages.export(first)
    packages.export(second)
    for name in packages.tracked():
        path = second / name
        path.chmod(path.stat().st_mode & 0o700)
        os.utime(path, (1_000_000_000, 1_000_000_000))
    for name in _CACHES:
        (second / name).parent.mkdir(parents=True, exist_ok=True)
        (second / name).write_text("not for others")
    pair = packages.build(first, base / "dist")
    for one, other in zip(pair, packages.build(second, base / "dist-again"), strict=True):
        if one.read_bytes() != other.read_bytes():
            sys.exit(f"{one.name} has other bytes when it is built in another folder")
    return pair


def check_sdist(sdist: Path) -> list[str]:
    """Return a sentence for each file that is missing or too much: it holds what git tracks."""
    with tarfile.open(sdist) as archive:
        found = {name.partition("/")[2] for name in archive.getnames()}
    return differences(sdist.name, found, {*packages.tracked(), "PKG-INFO"})


def check_wheel(wheel: Path) -> list[str]:
    """Return a sentence for each file that is missing or too much."""
    with zipfile.ZipFile(wheel) as archive:
        found = set(archive.namelist())
    stem = "-".join(wheel.name.split("-")[:2])
    expected = {
        f"{stem}.dist-info/{name}"
        for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")
    }
    for name in packages.tracked():
        if name.startswith("cecli/"):
            expected.add(name)
        elif name.startswith("share/"):
            expected.add(f"{stem}.data/data/{name}")
    return differences(wheel.name, found, expected)


def differences(package: str, found: set[str], expected: set[str]) -> list[str]:
    """Return a sentence for each name that only one of the two has."""
    missing = [f"{package} lacks {name}" for name in sorted(expected - found)]
    return missing + [f"{package} has {name} too" for name in sorted(found - expected)]


def check_metadata(wheel: Path) -> list[str]:
    """Return a sentence for each piece of metadata that is missing, and each link to nowhere."""
    metadata = metadata_of(wheel)
    problems = [f"the metadata lacks {name}" for name in _NEEDED if not metadata[name]]
    if metadata["License-Expression"] != "Apache-2.0" or metadata["License-File"] != "LICENSE":
        problems.append("the metadata names another licence")
    extras = set(metadata.get_all("Provides-Extra", ()))
    if extras != _EXTRAS:
        problems.append(f"the extras are {sorted(extras)}; {sorted(_EXTRAS)} were expected")
    for needed in metadata.get_all("Requires-Dist", ()):
        if "extra ==" not in needed and "<" not in needed:
            problems.append(f"{needed} has no upper bound")
    return problems + check_links(metadata, to=None)


def check_links(metadata: Message, to: str | None) -> list[str]:
    """Return a sentence for each link of the page on an index that nobody could follow.

    *to* is what a link to a file begins with; without it there must be none.
    """
    page = render(str(metadata.get_payload())) or ""
    links = re.findall(r'(?:href|src)="([^"]*)"', page)
    problems = [f"the README leads to {link!r}" for link in links if not _leads_on(link)]
    to_files = [link for link in links if to and link.startswith(to)]
    missing = [link for link in to_files if to and not _file(link.removeprefix(to)).exists()]
    problems += [f"the README leads to {link}, which there isn't" for link in missing]
    if not page or (to and not to_files):
        problems.append("the README was not rendered, or has lost its links to files")
    return problems


def _leads_on(link: str) -> bool:
    return link.startswith(("https://", "#"))


def _file(link: str) -> Path:
    return packages.ROOT / link.partition("#")[0]


def with_source(base: Path) -> Message:
    """Return the metadata of a cecli whose source tree has an address."""
    tree = base / "published"
    packages.export(tree)
    project = tree / "pyproject.toml"
    urls = "[project.urls]\n"
    text = project.read_text(encoding="utf-8")
    project.write_text(text.replace(urls, f'{urls}Source = "{_SOURCE}"\n'), "utf-8")
    return metadata_of(packages.build(tree, base / "dist-published")[0])


def with_key(base: Path) -> tuple[Path, Path]:
    """Return the wheel and the sdist of a release."""
    tree = base / "released"
    packages.export(tree)
    return packages.build(tree, base / "dist-released", "phc_" + "0" * 43)


def check_key(wheel: Path, sdist: Path, released: Path, released_sdist: Path) -> list[str]:
    """Return a sentence for each thing that a project's key changes beside a line of the wheel."""
    problems = []
    if sdist.read_bytes() != released_sdist.read_bytes():
        problems.append("a release's sdist is another one")
    with zipfile.ZipFile(wheel) as one, zipfile.ZipFile(released) as other:
        changed = [name for name in one.namelist() if one.read(name) != other.read(name)]
    module, record = "cecli/analytics/program.py", ".dist-info/RECORD"
    if changed[:1] != [module] or not changed[-1].endswith(record) or len(changed) != 2:
        problems.append(f"a release's wheel has others of {', '.join(changed)}")
    return problems


def metadata_of(wheel: Path) -> Message:
    """Return the metadata that an index reads."""
    with zipfile.ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return email.message_from_string(archive.read(name).decode())


def run(*words: str) -> None:
    """Run this Python in silence; exit with what it printed if it fails."""
    ended = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        sys.exit(f"{' '.join(words)} failed:\n{ended.stdout}{ended.stderr}")


if __name__ == "__main__":
    sys.exit(main())
