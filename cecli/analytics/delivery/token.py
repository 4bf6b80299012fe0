"""The token that makes deliverers take turns.

Owns ``deliverer.token`` in the spool folder. Whoever makes the file with O_EXCL may start one
deliverer, which takes the token over by the nonce in it. A token whose process is dead, or that
was not renewed for :data:`RENEWED_SECONDS`, is void. Two processes may both find a token void and
replace it; the nonce tells the loser, who asks :meth:`Token.renew` before each request. Segments
are claimed by rename all the same, so that even two deliverers never have the same one.
"""

from __future__ import annotations

import json
import math
import os
import re
import time
from contextlib import suppress

from cecli import files, ownership
from cecli.analytics import process

FILE = "deliverer.token"
RENEWED_SECONDS = 90.0
"""Longer than a detached deliverer lives and than a foreground one waits for one answer."""
_STARTING_SECONDS = 30.0
"""How long a deliverer may take to take the token over."""


class Token:
    """A claim to be the deliverer of a spool folder."""

    def __init__(self, folder: str, nonce: str) -> None:
        self.nonce = nonce
        self._folder = folder

    @classmethod
    def take(cls, folder: str, holder: str | None) -> Token | None:
        """Make the token; None if another one is valid, or the folder can't be written.

        Args:
            folder: the spool folder.
            holder: identity of the deliverer; None if it is yet to be started.
        """
        token = cls(folder, os.urandom(8).hex())
        if is_taken(folder) or not files.is_folder(folder):
            return None
        try:
            _remove(folder)
            descriptor = files.create(token._path)
        except OSError:
            return None
        try:
            files.write(descriptor, token._content(holder))
        except OSError:  # the disk is full
            with suppress(OSError):
                _remove(folder)
            return None
        finally:
            os.close(descriptor)
        return token

    @property
    def _path(self) -> str:
        return os.path.join(self._folder, FILE)

    def _content(self, holder: str | None) -> bytes:
        return json.dumps({"nonce": self.nonce, "process": holder}).encode()

    def renew(self) -> bool:
        """Confirm that this process is the deliverer; False if the token is another's, or gone."""
        if not self.is_held():
            return False
        try:
            files.replace(self._path, self._content(process.identity()))
        except OSError:
            return False
        return True

    def is_held(self) -> bool:
        """Tell whether the token is still this one."""
        return _read(self._folder)[0] == self.nonce

    def release(self) -> None:
        """Let the next deliverer be started."""
        if self.is_held():
            with suppress(OSError):  # it is void as soon as this process has ended
                _remove(self._folder)


def is_taken(folder: str) -> bool:
    """Tell whether a valid token lies in *folder*."""
    nonce, holder = _read(folder)
    if nonce is None or holder is None:  # its deliverer is being started
        return _age(folder) < _STARTING_SECONDS
    return _age(folder) < RENEWED_SECONDS and process.lives(holder) is not False


def end_deliverer(folder: str, patience: float = 3.0) -> bool:
    """End the deliverer that the token names, which may be in the midst of a request.

    One in another container, or of another user, can't be ended from here: it is waited for.

    Args:
        folder: the spool folder.
        patience: seconds to wait for its end.

    Returns:
        whether there is none any more. One that is yet to take its token over doesn't count: it
        asks for the consent before it sends anything.
    """
    give_up = time.monotonic() + patience
    while is_taken(folder) and (holder := _read(folder)[1]):
        process.kill(holder)
        if time.monotonic() > give_up:
            return False
        time.sleep(0.005)
    return True


def _age(folder: str) -> float:
    """Return how long ago the token was renewed, in seconds; infinite if there is none."""
    try:
        renewed = os.lstat(os.path.join(folder, FILE)).st_mtime
    except OSError:
        return math.inf
    return abs(time.time() - renewed)  # a clock that was set back must not make a token last


def _read(folder: str) -> tuple[str | None, str | None]:
    """Return the nonce and the holder that the token names.

    Another user's token says nothing: who is named as the holder may be killed.
    """
    if not files.is_folder(folder):
        return None, None
    try:
        data = json.loads(ownership.read(os.path.join(folder, FILE), 1024))
        nonce, holder = data["nonce"], data["process"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None, None
    valid = isinstance(holder, str) and re.fullmatch(process.IDENTITY, holder)
    return (nonce if isinstance(nonce, str) else None), (holder if valid else None)


def _remove(folder: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(os.path.join(folder, FILE))
