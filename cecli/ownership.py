"""What is the user's own: nobody else can have written it.

The one place that judges it, by owners and mode bits, so for POSIX alone: Windows has none, and
there everything passes. Folders above the home are the system's, and not looked at.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator

from cecli import files
from cecli.messages import shell_word, shown

_MOST_LINKS = 40
"""As Linux follows them (path_resolution(7))."""


class NotOwn(OSError):
    """Somebody else may have written what lies at *path*."""

    def __init__(self, path: str, what: str, mend: str) -> None:
        super().__init__(f"{path} {what}")
        self.path, self.what = path, what
        self.mend = mend
        """The command that mends it; empty if there is none to advise."""

    def about(self, path: str, home: str | None) -> str:
        """Return what is wrong with *path*, or with what it lies in, as the end of a sentence."""
        return (
            self.what if path == self.path else f"is in {shown(self.path, home)}, which {self.what}"
        )


def require(path: str, *, system: bool = False) -> None:
    """Make sure that a file or folder is the user's own, and a link in its place, too.

    Args:
        path: what to look at.
        system: also accept what belongs to root, and a folder with the sticky bit. Root can write
            everywhere anyway. In a sticky folder nobody can replace another user's file.

    Raises:
        NotOwn: it isn't.
        OSError: it isn't there, or can't be looked at.
    """
    if os.name == "nt":
        return
    status = os.lstat(path)
    judge(path, status, system=system)
    if stat.S_ISLNK(status.st_mode):
        status = os.stat(path)  # before realpath, which would follow a link of any length
        real = os.path.realpath(path)
        require(os.path.dirname(real), system=True)  # or others could put another file there
        judge(real, status, system=system)


def require_roots(path: str) -> None:
    """Make sure that nobody but root can have written a file, or put it in its place.

    Raises:
        NotOwn: somebody else can.
        OSError: it isn't there, or can't be looked at.
    """
    for each in _passed(path):
        _judge_roots(each)


def _passed(path: str) -> Iterator[str]:
    """Yield all that the system comes by on the way to *path*: folders, links, and what is there.

    Raises:
        OSError: it doesn't come there.
    """
    here, rest, links = os.sep, os.path.abspath(path).split(os.sep), 0
    yield here
    while rest:
        name = rest.pop(0)
        if name == os.pardir:
            here = os.path.dirname(here)
        elif name not in ("", os.curdir):
            here = os.path.join(here, name)
            yield here
            if os.path.islink(here):
                links += 1
                if links > _MOST_LINKS:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
                target = os.readlink(here)
                rest = [*target.split(os.sep), *rest]
                here = os.sep if os.path.isabs(target) else os.path.dirname(here)


def _judge_roots(path: str) -> None:
    status = os.lstat(path)
    if status.st_uid != 0:
        raise NotOwn(path, "doesn't belong to root", f"sudo chown -h root {shell_word(path)}")
    mode = status.st_mode
    sticky = stat.S_ISDIR(mode) and mode & stat.S_ISVTX
    if not stat.S_ISLNK(mode) and not sticky and mode & (stat.S_IWOTH | stat.S_IWGRP):
        raise NotOwn(path, "can be written by others", f"sudo chmod go-w {shell_word(path)}")


def read(path: str, most: int, *, follow: bool = False) -> bytes:
    """Read like :func:`cecli.files.read`, but only what is the user's own.

    Raises:
        NotOwn: it isn't.
        OSError: as :func:`cecli.files.read`.
    """
    if follow:
        require(path)
    # What was opened is judged once more: it is what is read, whatever lies there by now.
    return files.read(path, most, follow=follow, judge=lambda status: judge(path, status))


def read_object(path: str, most: int, *, follow: bool = False) -> dict[str, object]:
    """Return the JSON object that a file of the user's own holds, in at most *most* bytes.

    Raises:
        NotOwn: somebody else may have written it.
        files.Unreadable: it is larger, or holds anything else.
        OSError: it can't be read.
    """
    raw = read(path, most + 1, follow=follow)
    if len(raw) > most:
        raise files.Unreadable("is too large")
    return files.parse_object(raw)


def is_mine(status: os.stat_result) -> bool:
    """Tell whether a file belongs to this user; Windows has no owners to compare.

    The effective user counts, whose files a process makes. Where a file system gives all files
    another owner (a share or a disk mounted for somebody else), nothing on it is this user's.
    """
    return os.name == "nt" or status.st_uid == os.geteuid()


def judge(path: str, status: os.stat_result, *, system: bool = False) -> None:
    """Make sure that what has this *status* is the user's own; *system* as for :func:`require`.

    Raises:
        NotOwn: it isn't.
    """
    if os.name == "nt":
        return
    me, mode = os.geteuid(), status.st_mode
    if status.st_uid != me and not (system and status.st_uid == 0):
        # Under sudo this may be another user's home: don't advise to take it from its owner.
        chown = "chown -h" if stat.S_ISLNK(mode) else "chown"
        home = system and stat.S_ISDIR(mode)
        mend = "" if home else f"sudo {chown} {me} {shell_word(path)}"
        raise NotOwn(path, "belongs to another user", mend)
    if stat.S_ISLNK(mode) or (system and stat.S_ISDIR(mode) and mode & stat.S_ISVTX):
        return
    if mode & stat.S_IWOTH or (
        mode & stat.S_IWGRP and (not _is_private(status.st_gid) or _has_access_list(path))
    ):
        sudo = "" if status.st_uid == me else "sudo "
        raise NotOwn(path, "can be written by others", f"{sudo}chmod go-w {shell_word(path)}")


def _is_private(gid: int) -> bool:
    """Tell whether a group is the user's own, as where everybody has one (umask 002).

    It is the user's first group, has the user's name, and has no other member. That it is this
    process's group isn't enough: on other systems all users share that one.
    """
    try:
        import grp  # neither is on Windows
        import pwd

        user, group = pwd.getpwuid(os.geteuid()), grp.getgrgid(gid)
    except (ImportError, KeyError):
        return False
    return (
        user.pw_gid == gid and group.gr_name == user.pw_name and set(group.gr_mem) <= {user.pw_name}
    )


def _has_access_list(path: str) -> bool:
    """Tell whether more than the mode says who may write; its bits of the group are then a mask.

    What the list says isn't read: it is there because others may do something.
    """
    if not hasattr(os, "getxattr"):
        return False
    try:
        os.getxattr(path, "system.posix_acl_access")
    except OSError as error:
        return error.errno not in (errno.ENODATA, errno.ENOTSUP)
    return True
