"""The verb ``events``: the catalogue of everything that can leave, as Markdown."""

from __future__ import annotations

import sys

from cecli.analytics.catalogue.declaration import Catalogue
from cecli.analytics.catalogue.reference import render
from cecli.messages import show


def run(catalogue: Catalogue) -> int:
    """Print the catalogue; return the exit code."""
    show(render(catalogue), sys.stdout)
    return 0
