"""The verb ``events``: the catalogue of everything that can leave, as Markdown."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from cecli.analytics.catalogue.declaration import Catalogue
from cecli.analytics.catalogue.reference import render
from cecli.analytics.inspection.user import User
from cecli.messages import show


def add(parser: argparse.ArgumentParser) -> None:
    """Do nothing: the verb has no options."""


def run(arguments: argparse.Namespace, user: User, made: Callable[[], Catalogue]) -> int:
    """Print the catalogue; return the exit code."""
    catalogue = made()
    catalogue.declare_program(user.program.name)
    show(render(catalogue), sys.stdout)
    return 0
