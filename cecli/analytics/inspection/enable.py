"""The verb ``enable``: ask the question again, after a no too."""

from __future__ import annotations

import argparse
import os
import sys
import time

from cecli.analytics.consent import question, refusal, surroundings
from cecli.analytics.consent.decision import NO_KEY, project_names_destination, switched_off
from cecli.analytics.consent.file import CantStore, ConsentFile
from cecli.analytics.consent.settling import destination_sentence, keep
from cecli.analytics.inspection.user import Problem, User
from cecli.messages import show, shown


def add(parser: argparse.ArgumentParser) -> None:
    """Do nothing: the verb has no options."""


def run(arguments: argparse.Namespace, user: User, _: object) -> int:
    """Ask on the terminal, and store the answer; return the exit code: 0 after a yes.

    Raises:
        Problem: nobody can be asked here, or the answer can't be kept.
    """
    paths, settings = user.paths, user.settings()
    seen = surroundings.look(os.environ, home=paths.home, stdin=sys.stdin, stdout=sys.stdout)
    if seen.no_home:
        raise Problem(seen.no_home)
    record = ConsentFile(paths).load()
    if record.problem:
        raise Problem(f"{shown(paths.consent, paths.home)} {record.problem}")
    destination = settings.destination
    if record.agreed(destination.id):
        show(f"you have agreed already to send events to {destination.host}\n", sys.stdout)
        return _told_off(user)
    if seen.ci or not seen.terminal:
        why = "CI is set (environment)" if seen.ci else "there is no terminal to ask on"
        raise Problem(f"you can't be asked here: {why}")
    answer = question.ask(
        user.program,
        stdin=sys.stdin,
        stdout=sys.stdout,
        destination=destination_sentence(settings),
        by_project=project_names_destination(settings),
    )
    if answer is None or not (answer or record.agreed(destination.id) is None):
        show("nothing has changed\n", sys.stdout)  # there was no answer, or the same
        return 1
    try:
        if not answer:
            keep(paths, settings, answer)
            show(f"nothing is collected; {refusal.way_back(paths)}\n", sys.stdout)
            return 1
        agreed = ConsentFile(paths).agree_again(destination.id, time.time())
    except CantStore as error:
        raise Problem(f"your answer can't be kept: {error}") from error
    show(f"analytics is on from the next session; your id is {agreed.uuid}\n", sys.stdout)
    return _told_off(user)


def _told_off(user: User) -> int:
    """Say what keeps analytics off here all the same, if anything does."""
    seen = surroundings.look(os.environ, home=user.paths.home, stdin=None, stdout=None)
    settings = user.settings()
    if off := switched_off(settings, seen):
        show(f"here it stays off all the same: {off}\n", sys.stdout)
    if settings.destination.key is None:
        show(f"nothing is sent all the same: {NO_KEY}\n", sys.stdout)
    return 0
