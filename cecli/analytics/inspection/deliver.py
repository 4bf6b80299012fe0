"""The verb ``deliver``: send what waits now, even if a failure asks to wait longer."""

from __future__ import annotations

import argparse
import sys

from cecli.analytics.delivery.worker import Worker
from cecli.analytics.inspection.user import Problem, User
from cecli.analytics.spool import process
from cecli.analytics.spool.folder import trouble
from cecli.analytics.spool.queue import Queue
from cecli.analytics.spool.token import Token
from cecli.messages import say, shown


def add(parser: argparse.ArgumentParser) -> None:
    """Do nothing: the verb has no options."""


def run(arguments: argparse.Namespace, user: User, _: object) -> int:
    """Deliver, and tell what came of it; return the exit code: 1 if events still wait.

    Raises:
        Problem: nothing may be sent, or not by this process.
    """
    paths = user.paths
    off = user.off_here()
    if off:
        raise Problem(f"nothing was sent: {off}")
    if why := trouble(paths.spool):
        raise Problem(f"nothing was sent: {shown(paths.spool, paths.home)} {why}")
    queue, token = Queue(paths.spool), Token(paths.spool)
    if not queue.segments():
        _report("nothing waits to be delivered")
        return 0
    if not token.take(process.identity(), in_turn=False):
        if token.is_taken():
            raise Problem("another delivery is under way")
        raise Problem(f"{shown(paths.spool, paths.home)} can't be written")
    done = Worker(paths, token, heed_back_offs=False).run()
    _report(str(done))
    left = queue.segments()
    writing = sum(name.state == "open" for name in left)
    if writing:
        _report(f"running sessions still write {writing} more; those go when they have ended")
    stuck = 0 if done.problems else len(left) - writing
    if stuck:
        _report(f"{stuck} more can't be read or taken")
    return 1 if done.problems or done.unsent.set_aside or stuck else 0


def _report(text: str) -> None:
    say(text, sys.stdout)  # the exit code tells of the delivery, whether or not this is read
