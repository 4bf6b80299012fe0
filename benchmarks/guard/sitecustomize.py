"""Ends a benchmarked program that would reach anything but this machine, before it does.

Each candidate has this folder on its path, so Python imports this module at its start.
"""

import os
import sys
from typing import Any

REFUSED = 97
"""The exit code of a program that was ended."""


def _refuse(event: str, args: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = args[1]
        host = address[0] if isinstance(address, tuple) else ""  # a path is a local socket's
    elif event == "socket.getaddrinfo":
        host = args[0] or ""
    else:
        return
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name and not (name == "localhost" or name.startswith("127.") or name == "::1"):
        os.write(2, f"a benchmark tried to reach {name!r}\n".encode())
        os._exit(REFUSED)  # not an exception, which it might swallow


sys.addaudithook(_refuse)
