"""Coding sessions: whether one is installed, what it may record, and how it runs inside cecli."""

EXTRA = "pip install 'cecli[aider]' (for Python 3.10 to 3.12)"
"""How to get a coding session, as the end of a sentence."""


def is_installed() -> bool:
    """Tell whether there is a program for coding sessions, without importing it."""
    from importlib.util import find_spec  # 1 ms, which `cecli --version` needn't pay

    spec = find_spec("aider")
    return spec is not None and spec.origin is not None  # None: just a folder of that name
