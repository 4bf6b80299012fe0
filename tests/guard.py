"""Notes what no test may do: touch cecli's files in the real home, or a network but loopback.

It sees this process alone, through its audit events; processes that a test starts get a home of
their own from the fixture ``home``.
"""

from __future__ import annotations

import ipaddress
import os
from typing import Any

REAL_HOME = os.path.realpath(os.path.expanduser("~"))
FORBIDDEN = tuple(os.path.join(REAL_HOME, name) for name in (".cecli", ".cecli.conf.yml"))

PATHS = {
    "open": 1,
    "os.chmod": 1,
    "os.link": 2,
    "os.listdir": 1,
    "os.mkdir": 1,
    "os.remove": 1,
    "os.rename": 2,
    "os.rmdir": 1,
    "os.scandir": 1,
    "os.symlink": 2,
    "os.truncate": 1,
    "os.utime": 1,
}
"""How many of an event's first arguments are paths."""
ADDRESSES = {"socket.connect": 1, "socket.sendto": 1, "socket.getaddrinfo": 0}
"""Which of an event's arguments has the host."""

violations: list[str] = []
"""What was tried since the last test: whoever catches all exceptions swallows a failure, too."""


def forbid(event: str, args: tuple[Any, ...]) -> None:
    """Note and refuse a violation; an audit hook."""
    if found := violation(event, args):
        violations.append(found)
        raise AssertionError(found)


def violation(event: str, args: tuple[Any, ...]) -> str | None:
    """Tell what an audit event would do that no test may, in words."""
    if event in PATHS:
        for path in args[: PATHS[event]]:
            if isinstance(path, str | bytes) and _is_forbidden(os.fsdecode(path)):
                return f"a test tried to touch {os.fsdecode(path)} ({event})"
    elif event in ADDRESSES:
        address = args[ADDRESSES[event]]
        host = address[0] if isinstance(address, tuple) else address
        # A path is a local socket's, a number a family's other than IP.
        is_host = event == "socket.getaddrinfo" or isinstance(address, tuple)
        if is_host and isinstance(host, str | bytes) and not _is_loopback(os.fsdecode(host)):
            return f"a test tried to reach {os.fsdecode(host)} ({event})"
    return None


def _is_forbidden(path: str) -> bool:
    if ".cecli" not in path:  # nearly all; the rest is too slow for every file that is opened
        return False
    path = os.path.abspath(path)
    return any(path == name or path.startswith(name + os.sep) for name in FORBIDDEN)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in ("", "localhost")
