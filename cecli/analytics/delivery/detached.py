"""A deliverer that nobody watches: silent, short-lived, and holding nothing of its session.

Owns the process that :mod:`~cecli.analytics.delivery.start` starts; the delivery itself is
:mod:`~cecli.analytics.delivery.worker`'s.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from random import SystemRandom

from cecli.analytics.delivery.start import GUARD
from cecli.analytics.delivery.state import State
from cecli.analytics.delivery.worker import Worker
from cecli.analytics.paths import Paths
from cecli.analytics.spool.token import STARTING_SECONDS, Token
from cecli.places import home_folder

LIFETIME_SECONDS = 60
"""After which a detached deliverer is ended, whatever it waits for, beside its own pause."""
LONGEST_PAUSE = 60
"""Seconds that a deliverer of a session without a terminal waits at most before it begins."""

_CHANCE = SystemRandom()


def pause(*, attended: bool, last_time: float, chance: float) -> float:
    """Return how many seconds a deliverer waits before it takes its token over.

    Where nobody sits, a clock may start sessions, at once on many machines; or a loop does, one
    after the other, and one deliverer can take the events of several. The first delivery of all
    doesn't wait: somebody may be trying it out.

    Args:
        attended: whether a person sits at the session's terminal.
        last_time: when the last delivery ended; 0 for never.
        chance: a random number from 0 to 1.

    >>> [pause(attended=attended, last_time=1e9, chance=0.5) for attended in (False, True)]
    [30.0, 0]
    >>> pause(attended=False, last_time=0, chance=0.5)
    0
    """
    return LONGEST_PAUSE * chance if last_time and not attended else 0


def main(
    program: str,
    lifetime: int = LIFETIME_SECONDS,
    *,
    attended: bool = True,
    chance: Callable[[], float] = _CHANCE.random,
) -> None:
    """Make one delivery of a program, by its name, with the token that the environment names.

    Args:
        program: its name.
        lifetime: seconds, beside the pause.
        attended: whether a person sits at the session's terminal.
        chance: gives a random number from 0 to 1, for the pause.
    """
    _end_after(lifetime if attended else lifetime + LONGEST_PAUSE)
    os.chdir(os.sep)  # so that the session's folder can be removed or unmounted
    if hasattr(os, "nice"):
        os.nice(10)  # nobody waits for it
    _close_inherited()
    nonce, home = os.environ.get(GUARD), home_folder(os.environ)
    if nonce and home:
        paths = Paths(home, program)
        token = Token(paths.spool, nonce)
        last_time = State.load(paths.spool).last_time
        _wait(token, pause(attended=attended, last_time=last_time, chance=chance()))
        if token.renew():
            Worker(paths, token).run()


def _wait(token: Token, seconds: float) -> None:
    """Wait, with the token but without taking it over: a disable has nothing to end here."""
    end = time.monotonic() + seconds
    # Six looks in the time for which the token stays valid: it doesn't become void where one comes
    # late on a busy machine, and a deliverer whose token was removed ends within seconds.
    while (left := end - time.monotonic()) > 0 and token.keep():
        time.sleep(min(left, STARTING_SECONDS / 6))


def _end_after(seconds: int) -> None:
    """End this process for certain, also when it hangs where Python can't interrupt it."""
    if sys.platform == "win32":
        import threading

        timer = threading.Timer(seconds, os._exit, [1])
        timer.daemon = True
        timer.start()
    else:
        import signal

        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(seconds)


def _close_inherited() -> None:
    """Close what the program had made inheritable: somebody may wait for the end of such a pipe."""
    if sys.platform != "win32":
        names: list[str] = []
        with suppress(OSError):  # a container without /proc
            names = os.listdir("/dev/fd")
        for name in names:
            if int(name) > 2:
                with suppress(OSError):  # the one that the listing itself used
                    os.close(int(name))
