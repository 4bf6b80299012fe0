"""Starts a deliverer that outlives this process, has nothing of it, and costs it two milliseconds.

Owns whether to start one, its command and its environment; what it does is
:mod:`~cecli.analytics.delivery.detached`'s.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from cecli import files
from cecli.analytics.delivery.state import State
from cecli.analytics.destination import Destination
from cecli.analytics.paths import Paths
from cecli.analytics.spool.token import Token

GUARD = "CECLI_DELIVERER"
"""Holds the token's nonce in a deliverer's environment; where it is set, no other is started.

One for all programs: if what a deliverer loads records for another program, two would start each
other for ever.
"""

_CODE = "from cecli.analytics.delivery.detached import main; main({!r}, attended={!r})"
# -I keeps the current folder out of sys.path before the first import (Python 3.13 imports linecache
# to run -c). It also removes the user's site-packages, where cecli may be installed, so these are
# added again.
_USER_SITE = "import site; site.addsitedir(site.getusersitepackages()); "

_HOME = "USERPROFILE" if os.name == "nt" else "HOME"
_KEPT = {
    *("PATH", "HOME", "TMPDIR", "LANG", "PYTHONUSERBASE", "LD_LIBRARY_PATH"),
    *("USERPROFILE", "SYSTEMROOT", "WINDIR", "APPDATA", "LOCALAPPDATA", "TEMP", "TMP"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"),
}


def start_deliverer(
    paths: Paths,
    destination: Destination,
    *,
    environ: Mapping[str, str] | None = None,
    attended: bool = True,
    clock: Callable[[], float] = time.time,
) -> bool:
    """Start a deliverer, unless one runs or *destination* is to be left alone; never raises.

    Args:
        paths: the user's.
        destination: what the session sends to.
        environ: the session's.
        attended: whether a person sits at the session's terminal.
        clock: seconds since the epoch.

    Returns:
        whether one was started.
    """
    folder = paths.spool
    environ = os.environ if environ is None else environ
    if GUARD in environ or not _is_python() or not files.is_folder(folder):
        return False
    if State.load(folder).is_left_alone(destination.target, clock()):
        return False
    token = Token(folder)
    if not token.take(None):
        return False
    try:
        environ = {**scrubbed(environ), _HOME: paths.home, GUARD: token.nonce}
        _spawn(command(paths.program, attended=attended), environ)
    except (OSError, ValueError, AttributeError):  # the last where nothing can be started
        token.release()
        return False
    return True


def scrubbed(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what of an environment a deliverer needs.

    >>> scrubbed({"LC_ALL": "C", "https_proxy": "http://proxy", "PYTHONPATH": ".", "TOKEN": "x"})
    {'LC_ALL': 'C', 'https_proxy': 'http://proxy'}
    """
    return {
        name: value
        for name, value in environ.items()
        if name.upper() in _KEPT or name.startswith("LC_")
    }


def _is_python() -> bool:
    """Tell whether ``sys.executable`` is a Python, and no frozen or embedding program."""
    name = os.path.basename(str(sys.executable or "")).lower()
    return name.startswith(("python", "pypy")) and not getattr(sys, "frozen", False)


def command(program: str, *, attended: bool) -> list[str]:
    """Return a deliverer's command, with nothing in it that is secret."""
    site = sys.modules.get("site")
    code = _USER_SITE if getattr(site, "ENABLE_USER_SITE", False) else ""
    code += _CODE.format(program, attended)
    return [sys.executable, "-I", "-c", code]


if sys.platform == "win32":

    def _spawn(command: list[str], environ: Mapping[str, str]) -> None:
        import subprocess

        child = subprocess.Popen(
            command,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            creationflags=subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP,
        )
        child.returncode = 0  # or it would warn, when collected, that the child still runs

else:

    def _spawn(command: list[str], environ: Mapping[str, str]) -> None:
        # By way of a shell that ends at once: the deliverer becomes a child of init, which reaps
        # it; a program that lives for days keeps no zombie, and its own os.wait() sees no
        # stranger, unless it is itself process 1.
        # Descriptors that the program made inheritable are closed by the deliverer.
        shell = ["sh", "-c", '"$@" &', "sh", *command]
        devnull = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in range(3)]
        try:
            pid = os.posix_spawn(
                "/bin/sh", shell, environ, file_actions=devnull, setsid=True, setsigmask=()
            )
        except NotImplementedError:  # an old libc can't make a session, but a group
            pid = os.posix_spawn(
                "/bin/sh", shell, environ, file_actions=devnull, setpgroup=0, setsigmask=()
            )
        with suppress(ChildProcessError):  # the program ignores SIGCHLD, or waits itself
            os.waitpid(pid, 0)
