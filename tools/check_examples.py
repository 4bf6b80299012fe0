"""Checks the types of every example: the programs in examples/, and the blocks of the documents.

A block of docs/embedding.md is a program; the blocks of the README go on from each other.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def blocks(page: str) -> dict[str, list[str]]:
    r"""Return the Python blocks of a page by the titles of their sections.

    >>> blocks("# A\n## B\n```python\nx = 1\n```\n```\ny\n```\n")
    {'B': ['x = 1\n']}
    """
    found = {}
    for section in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        code = re.findall(r"^```python\n(.*?)^```", section, flags=re.MULTILINE | re.DOTALL)
        if code:
            found[section.partition("\n")[0]] = code
    return found


def _write(folder: Path) -> None:
    """Write each example into a file of its own."""
    embedding = blocks((ROOT / "docs" / "embedding.md").read_text(encoding="utf-8"))
    readme = blocks((ROOT / "README.md").read_text(encoding="utf-8"))
    programs = [*(code for found in embedding.values() for code in found)]
    programs += ["".join(found) for found in readme.values()]
    for number, code in enumerate(programs):
        # litellm isn't installed where the examples are checked.
        first = "# pyright: reportMissingImports=false\n" if "import litellm" in code else ""
        (folder / f"example_{number}.py").write_text(first + code, encoding="utf-8")
    examples = list((ROOT / "examples").rglob("*.py"))
    assert examples
    for path in examples:
        (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")


def main() -> int:
    """Check them; return 1 if one has an error."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder)
        files = sorted(map(str, folder.glob("*.py")))
        mypy = ["mypy", "--config-file", str(ROOT / "setup.cfg"), "--strict", *files]
        pyright = ["pyright", "--pythonpath", sys.executable, *files]
        codes = [
            subprocess.run([sys.executable, "-m", *words], cwd=ROOT, check=False).returncode
            for words in (mypy, pyright)
        ]
    return 1 if any(codes) else 0


if __name__ == "__main__":
    sys.exit(main())
