"""Who this process is, in words that another process can check: does it still live?

An identity names a space of process numbers, a number in it and, where the system tells, the time
at which that process began, so that a number that was given out again is not taken for its first
owner. It fits into a file name and needs no lock, so it also works in a home on NFS.
"""

import functools
import os
import re
from contextlib import suppress

IDENTITY = r"[a-z0-9_.]{1,60}-\d{1,10}-\d{1,20}"
"""Pattern of an identity."""


def identity() -> str:
    """Return the identity of this process; after a fork ask again."""
    return _identity(os.getpid())


@functools.lru_cache(maxsize=1)
def _identity(pid: int) -> str:
    return f"{_space()}-{pid}-{_began(pid) or 0}"


def lives(identity: str) -> bool | None:
    """Tell whether the process with *identity* lives; None if that can't be known from here."""
    space, pid, began = identity.rsplit("-", 2)
    if os.name == "nt" or space != _space():  # on Windows os.kill(pid, 0) is Ctrl-C
        return None
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        pass  # it lives, but belongs to somebody else
    found = _began(int(pid))
    return found is None or (found != _ENDED and int(began) in (0, found))


def kill(identity: str) -> None:
    """Kill the process with *identity* (SIGKILL), if that is allowed and certainly hits no other.

    Does nothing where the system doesn't tell when a process began, or gives out no handle of it:
    its number may be another process's by now.
    """
    _, number, began = identity.rsplit("-", 2)
    pid = int(number)
    if not hasattr(os, "pidfd_open") or pid == os.getpid() or lives(identity) is not True:
        return
    import signal  # 1 ms, and only a refusal kills

    with suppress(OSError):  # it has ended, or belongs to somebody else
        process = os.pidfd_open(pid)
        try:
            if _began(pid) == int(began):  # so the descriptor is that process's
                signal.pidfd_send_signal(process, signal.SIGKILL)
        finally:
            os.close(process)


def _space() -> str:
    """Name what the process numbers are unique in.

    On Linux a boot and a PID namespace: containers share the boot of their machine, and may
    share its name and the user's home, yet each counts processes for itself. Elsewhere the
    machine's name.
    """
    if os.name == "nt":
        return "windows"
    try:
        with open("/proc/sys/kernel/random/boot_id", "rb", buffering=0) as file:
            boot = file.read(8).decode("ascii")
        return f"{boot}.{os.stat('/proc/self/ns/pid').st_ino}"
    except (OSError, ValueError):
        return re.sub(r"[^a-z0-9_]", "_", os.uname().nodename.lower())[:50] or "_"


_ENDED = -1


def _began(pid: int) -> int | None:
    """Return when a process began, in the kernel's ticks since boot (proc(5), stat, field 22).

    None if the system doesn't tell; ``_ENDED`` for a dead process that nobody has reaped.
    """
    try:
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:
            # The second field, the program's name in parentheses, may hold anything.
            fields = file.read(4096).rpartition(b")")[2].split()
        # A process whose first thread has ended lives on while it has others (field 20).
        ended = fields[0] in (b"Z", b"X") and int(fields[17]) <= 1
        return _ENDED if ended else int(fields[19])
    except (OSError, ValueError, IndexError):
        return None
