"""The verb ``disable``: take back the consent, for good or for one destination alone."""

from __future__ import annotations

import argparse
import sys

from cecli.analytics.consent import refusal
from cecli.analytics.consent.file import CantStore, ConsentFile
from cecli.analytics.console import Console
from cecli.analytics.destination import host_of
from cecli.analytics.inspection.user import Problem, User
from cecli.analytics.program import read_host
from cecli.analytics.settings.sources import Source
from cecli.messages import show


def add(parser: argparse.ArgumentParser) -> None:
    """Put the verb's options on its parser."""
    parser.add_argument(
        "host", nargs="?", metavar="HOST", help="take back only the yes to this PostHog host"
    )


def run(arguments: argparse.Namespace, user: User, _: object) -> int:
    """Do as ``--analytics-disable`` does, or refuse one host; return the exit code.

    Raises:
        Problem: nothing was agreed with that host, or it can't be stored.
    """
    host: str | None = arguments.host
    if host is None:
        console = Console(user.prog, sys.stdin, sys.stdout, sys.stderr)
        return refusal.carry_out(user.paths, Source("flag", f"{user.prog} disable"), console) or 0
    try:
        wanted = read_host(host)
    except ValueError as error:
        raise Problem(str(error), 2) from error
    agreed = [id for id, yes in ConsentFile(user.paths).load().destinations.items() if yes]
    found = [id for id in agreed if host_of(id) == wanted]
    if not found:
        known = ", ".join(sorted({host_of(id) for id in agreed})) or "no host"
        raise Problem(f"you haven't agreed to send events to {wanted}; you have to {known}")
    problems: list[str] = []
    for id in found:
        try:
            problems += refusal.take_back(user.paths, id)
        except CantStore as error:
            raise Problem(f"your answer can't be kept: {error}") from error
    show(f"nothing more goes to {wanted}; what waited for it is gone\n", sys.stdout)
    for problem in dict.fromkeys(problems):
        show(f"but {problem}\n", sys.stdout)
    return 1 if problems else 0
