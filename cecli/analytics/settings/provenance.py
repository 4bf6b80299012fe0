"""Whose word a config file is: the user's own, or that of a project or another user.

What such a source may decide is :mod:`~cecli.analytics.settings.merge`'.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Set

from cecli import TYPE_CHECKING, ownership, places
from cecli.messages import shown

if TYPE_CHECKING:
    from cecli.analytics.settings.sources import Kind


def kind(
    path: str, named: Set[str], projects: Iterable[str], home: str | None
) -> tuple[Kind, str | None]:
    """Return what kind of source the config file at *path* is, and a sentence if it is in doubt.

    The user's own lie where programs keep a user's: in the home folder itself, in a folder of it
    that is named for that, or in /etc if root alone can write it. Any other may have come with a
    project.

    Args:
        path: absolute.
        named: the files that ``--config`` or its variable names. They are the user's choice,
            whoever owns them: a team may share one. Whoever can name a file to cecli can also set
            the options that it would hold.
        projects: the folders that may have come as a whole, with the file in them.
        home: the user's home.
    """
    if path in named:
        return "config", None
    # Where it lies counts, not where a link leads: the link may have come with the project too.
    lies_in = os.path.dirname(path)
    if any(places.is_of_project(lies_in, each, home, doubt=True) for each in projects):
        return "project", None
    try:
        # The parser has read it already. Whoever could have replaced it since then can write into
        # its folder, and the folder is judged, too.
        for each in (lies_in, path):
            ownership.require(each, system=True)
    except ownership.NotOwn as error:
        what = f"{shown(path, home)} {error.about(path, home)}"
        mend = f"; mend it: {error.mend}" if error.mend else ""
        return "project", f"{what}, so it decides no more than a project's file{mend}"
    except OSError:
        return "project", None  # gone meanwhile
    return ("home" if _is_users_place(lies_in, path, home) else "project"), None


def _is_users_place(lies_in: str, path: str, home: str | None) -> bool:
    if home is not None and places.is_inside(lies_in, home):
        first = os.path.relpath(os.path.realpath(lies_in), os.path.realpath(home)).split(os.sep)[0]
        return first[0] == "." or first in _OF_SETTINGS
    if os.name == "nt" or not places.is_inside(lies_in, os.path.join(os.sep, "etc")):
        return False
    try:
        ownership.require_roots(path)
    except OSError:
        return False
    return True


_OF_SETTINGS = ("AppData", "Library")
"""Where Windows and macOS have a user's settings; elsewhere it is a folder with a dot (XDG)."""
