"""The token that makes deliverers take turns.

Owns ``deliverer.token`` in the spool folder. Whoever makes the file with O_EXCL may start one
deliverer, which takes the token over by the nonce in it. A token whose process is dead, or that
was not renewed for :data:`RENEWED_SECONDS`, is void. Two processes may both find a token void and
replace it; the nonce tells the loser, who asks :meth:`Token.renew` before each request. Segments
are claimed by rename all the same, so that even two deliverers never have the same one.
"""

from __future__ import annotations

import json
import os
import re
import time
from contextlib import suppress

from cecli import files, ownership
from cecli.analytics.spool import names, process

RENEWED_SECONDS = 90.0
"""Longer than a detached deliverer lives and than a foreground one waits for one answer."""
STARTING_SECONDS = 30.0
"""How long a deliverer may take to take the token over, or to say that it will."""
_LARGEST = 1024


def is_valid(age: float, *, starting: bool) -> bool:
    """Tell whether a token still says whose turn it is, as long as its process lives.

    Args:
        age: seconds since it was made or renewed.
        starting: whether its deliverer is yet to take it over.
    """
    return age < (STARTING_SECONDS if starting else RENEWED_SECONDS)


class Token:
    """The token of a spool folder: whose turn it is, and whether it is this process's."""

    def __init__(self, folder: str, nonce: str = "") -> None:
        self._folder = folder
        self.nonce = nonce
        """What is written in the token while it is this process's; empty if it never was."""

    def take(self, holder: str | None, *, in_turn: bool = True) -> bool:
        """Make the token this process's, unless a valid one is there or it can't be written.

        Args:
            holder: identity of the deliverer; None if it is yet to be started.
            in_turn: leave it to a deliverer that is yet to begin, too; one that loses it so ends
                when it would begin.
        """
        if (self.is_taken() and (in_turn or self.holder())) or not files.is_folder(self._folder):
            return False
        try:
            self._remove()
            descriptor = files.create(self._path)
        except OSError:
            return False
        self.nonce = os.urandom(8).hex()
        try:
            files.write(descriptor, self._content(holder))
        except OSError:  # the disk is full
            with suppress(OSError):
                self._remove()
            return False
        finally:
            os.close(descriptor)
        return True

    def renew(self) -> bool:
        """Confirm that this process is the deliverer; False if the token is another's, or gone."""
        if not self.is_held():
            return False
        try:
            files.replace(self._path, self._content(process.identity()))
        except OSError:
            return False
        return True

    def keep(self) -> bool:
        """Keep it valid while its deliverer is yet to begin; False if it is another's, or gone."""
        if not self.is_held():
            return False
        try:
            os.utime(self._path)
        except OSError:
            return False
        return True

    def is_held(self) -> bool:
        """Tell whether the token is still this process's."""
        return self.nonce != "" and self._read()[0] == self.nonce

    def release(self) -> None:
        """Let the next deliverer be started."""
        if self.is_held():
            with suppress(OSError):  # it is void as soon as this process has ended
                self._remove()

    def is_taken(self) -> bool:
        """Tell whether a valid token is there, whoever holds it."""
        nonce, holder = self._read()
        if nonce is None or holder is None:
            return is_valid(self._age(), starting=True)
        return is_valid(self._age(), starting=False) and process.lives(holder) is not False

    def holder(self) -> str | None:
        """Return the identity of the deliverer; None if there is none, or it is being started."""
        return self._read()[1]

    def end_deliverer(self, patience: float = 3.0) -> bool:
        """End the deliverer that the token names, which may be in the midst of a request.

        One in another container, or of another user, can't be ended from here; this waits for it.

        Args:
            patience: seconds to wait for its end.

        Returns:
            whether there is none any more. One that hasn't taken its token over yet doesn't count:
            it asks for the consent before it sends anything.
        """
        give_up = time.monotonic() + patience
        while (holder := self.holder()) and self._may_live(holder):
            process.kill(holder)
            if time.monotonic() > give_up:
                return False
            time.sleep(0.005)
        return True

    def _may_live(self, holder: str) -> bool:
        """Tell whether a deliverer may still be at work, also one that was stopped for long.

        Where it can't be looked for, the token's age decides: one at work renews it in time.
        """
        lives = process.lives(holder)
        return self._age() < RENEWED_SECONDS if lives is None else lives

    @property
    def _path(self) -> str:
        return os.path.join(self._folder, names.TOKEN)

    def _content(self, holder: str | None) -> bytes:
        return json.dumps({"nonce": self.nonce, "process": holder}).encode()

    def _age(self) -> float:
        """Return how long ago the token was renewed, in seconds; infinite if there is none."""
        try:
            renewed = os.lstat(self._path).st_mtime
        except OSError:
            return float("inf")
        return abs(time.time() - renewed)  # a clock that was set back must not make a token last

    def _read(self) -> tuple[str | None, str | None]:
        """Return the nonce and the holder that the token names."""
        if not files.is_folder(self._folder):
            return None, None
        try:
            data = ownership.read_object(self._path, _LARGEST)
        except OSError:
            return None, None
        nonce, holder = data.get("nonce"), data.get("process")
        if not (isinstance(holder, str) and re.fullmatch(process.IDENTITY, holder)):
            holder = None
        return (nonce if isinstance(nonce, str) else None), holder

    def _remove(self) -> None:
        with suppress(FileNotFoundError):
            os.unlink(self._path)
