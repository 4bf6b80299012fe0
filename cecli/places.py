"""Where a session takes place: the user's home, the current folder, and the project around it.

Computes and looks only; nothing here changes a file.
"""

import os
import os.path
from collections.abc import Mapping

CONFIG_NAME = ".cecli.conf.yml"
"""Name of the config file in the home folder, at the git root and in the current folder."""


def home_folder(environ: Mapping[str, str]) -> str | None:
    """Return the user's home folder as an absolute path, or None if it can't be told.

    An empty or relative ``HOME`` is no home: what it would mean depends on the current folder.
    """
    home = environ.get("USERPROFILE" if os.name == "nt" else "HOME")
    if home is None:
        home = os.path.expanduser("~")
    return home if os.path.isabs(home) else None


def current_folder() -> str | None:
    """Return the current folder, or None if it has been deleted or can't be read."""
    try:
        return os.getcwd()
    except OSError:
        return None


def git_root(folder: str) -> str | None:
    """Return the root of the git work tree around *folder*, or None; git itself isn't started.

    A root holds a ``.git`` folder with a ``HEAD`` or, in a linked work tree and in a submodule,
    a ``.git`` file (gitrepository-layout(5)).
    """
    while True:
        dot_git = os.path.join(folder, ".git")
        if os.path.isfile(dot_git) or os.path.lexists(os.path.join(dot_git, "HEAD")):
            return folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def project(folder: str, home: str | None) -> str:
    """Return the folder that may have come as a whole: the git root, else *folder* itself.

    A git root that holds the user's home (for the dotfiles, say) is no such project.
    """
    root = git_root(folder)
    if root is None or (home is not None and is_inside(os.path.join(home, "file"), root)):
        return folder
    return root


def is_inside(path: str, folder: str) -> bool:
    """Tell whether *path* lies below *folder*, all links of both followed."""
    path, folder = os.path.realpath(path), os.path.realpath(folder)
    return path.startswith(folder.rstrip(os.sep) + os.sep)
