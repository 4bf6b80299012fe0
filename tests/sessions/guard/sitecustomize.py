"""Put on the path of a session under test: lets it connect to loopback alone.

What was tried all the same stands in the file that GUARD_REPORT names.
"""

import os
import sys
from typing import Any


def _forbid(event: str, args: tuple[Any, ...]) -> None:
    if event == "socket.connect" and isinstance(args[1], tuple):
        host = str(args[1][0])
    elif event == "socket.getaddrinfo" and args[0] is not None:
        host = os.fsdecode(args[0])
    else:
        return
    if not host.startswith(("127.", "::1", "localhost")):
        with open(os.environ["GUARD_REPORT"], "a") as report:
            report.write(f"{event} {host}\n")
        raise OSError(f"a test tried to reach {host}")


sys.addaudithook(_forbid)
