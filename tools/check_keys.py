"""Look for what could be a real key in the files that git tracks; tests' and samples' never do.

A key that was published once has to be taken back by whoever gave it out: better not to commit it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.packages import ROOT, tracked

_FORMS = {
    "PostHog": rb"\bph[a-z]_[0-9A-Za-z]{32,}",
    "OpenAI, Anthropic, DeepSeek or OpenRouter": rb"\bsk-(?:[a-z0-9]+-)*[0-9A-Za-z_-]{32,}",
    "AWS": rb"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "Google": rb"\bAIza[0-9A-Za-z_-]{35}",
    "GitHub": rb"\b(?:gh[opsur]_[0-9A-Za-z]{36}|github_pat_[0-9A-Za-z_]{22,})",
    "GitLab": rb"\bglpat-[0-9A-Za-z_-]{20,}",
    "Groq": rb"\bgsk_[0-9A-Za-z]{40,}",
    "Hugging Face": rb"\bhf_[0-9A-Za-z]{30,}",
    "Slack": rb"\bxox[abeoprs]-[0-9A-Za-z-]{20,}",
    "PyPI": rb"\bpypi-[0-9A-Za-z_-]{50,}",
    "SSH or TLS": rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[0-9A-Za-z+/]{40,}",
}
"""What keys look like, by who gives them out. Those of tests are shorter, or hold an underscore."""
_FORM = re.compile(b"|".join(b"(%b)" % form for form in _FORMS.values()))


def keys(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line of each key in a file, counted from 1, and who gives out such keys."""
    text = path.read_bytes()
    owners = list(_FORMS)
    for found in _FORM.finditer(text):
        yield text.count(b"\n", 0, found.start()) + 1, owners[(found.lastindex or 1) - 1]


def main() -> int:
    """Name the file and the line of every key, not the key; return 1 if there is any."""
    found = [(name, line, owner) for name in tracked() for line, owner in keys(ROOT / name)]
    for name, line, owner in found:
        print(f"{name}:{line}: this looks like a key of {owner}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
