"""A deliverer that nobody watches: silent, short-lived, and holding nothing of its session.

Owns the process that :mod:`~cecli.analytics.delivery.start` starts; the delivery itself is
:mod:`~cecli.analytics.delivery.worker`'s.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from cecli.analytics.delivery.start import GUARD
from cecli.analytics.delivery.worker import Worker
from cecli.analytics.paths import Paths
from cecli.analytics.spool.token import Token
from cecli.places import home_folder

LIFETIME_SECONDS = 60
"""After which a detached deliverer is ended, whatever it waits for."""


def main(program: str, lifetime: int = LIFETIME_SECONDS) -> None:
    """Make one delivery of a program, by its name, with the token that the environment names."""
    _end_after(lifetime)
    os.chdir(os.sep)  # so that the session's folder can be removed or unmounted
    if hasattr(os, "nice"):
        os.nice(10)  # nobody waits for it
    _close_inherited()
    nonce, home = os.environ.get(GUARD), home_folder(os.environ)
    if nonce and home:
        paths = Paths(home, program)
        token = Token(paths.spool, nonce)
        if token.renew():
            Worker(paths, token).run()


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
