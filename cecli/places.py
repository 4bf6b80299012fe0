"""Where a session takes place: the user's home, the current folder, and the project around it.

Computes and looks only; nothing here changes a file.
"""

import os
import os.path
from collections.abc import Mapping

CONFIG_NAME = ".cecli.conf.yml"
"""Name of the config file in the home folder, at the git root and in the current folder."""


def home_folder(environ: Mapping[str, str]) -> str | None:
    """Return the user's home folder as an absolute path, or None if it isn't known.

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


def config_files(environ: Mapping[str, str], folder: str | None) -> list[str]:
    """Return the paths of the config files that may exist, the weakest first, each once."""
    home = home_folder(environ)
    root = git_root(folder) if folder else None
    found: dict[str, str] = {}
    for place in (home, root, folder):
        if place is not None:
            path = os.path.join(place, CONFIG_NAME)
            try:
                found.setdefault(real(path), path)
            except OSError:  # there is no such file, or reading it says what is wrong
                found.setdefault(path, path)
    return list(found.values())


def project(folder: str, home: str | None) -> str:
    """Return the folder that may have come as a whole: the git root, else *folder* itself.

    A git root that holds the user's home (for the dotfiles, say) is no such project.
    """
    root = git_root(folder)
    if root is None or (home is not None and is_inside(home, root, doubt=True)):
        return folder
    return root


def is_of_project(path: str, project: str, home: str | None, *, doubt: bool) -> bool:
    """Tell whether *path* lies in a *project*, and not in the user's home if that does too.

    Where the system can't say, *doubt* is returned.
    """
    if not is_inside(path, project, doubt=doubt):
        return False
    own = home is not None and is_inside(home, project, doubt=not doubt)
    return not (own and home is not None and is_inside(path, home, doubt=not doubt))


def may_write(project: str, path: str, home: str | None, program: str = "cecli") -> bool:
    """Tell whether a *project* may choose the file at *path* to be written to.

    It may if the file lies inside the project, but not in a folder of git's or of the *program*
    (by its name), and has no other name elsewhere (a hard link).
    """
    if not is_of_project(path, project, home, doubt=False):
        return False
    try:
        folders = real(path).lower().split(os.sep)
        links = os.stat(path).st_nlink if os.path.lexists(path) else 1
    except OSError:
        return False
    return not {".git", ".cecli", f".{program}"} & set(folders) and links == 1


def is_inside(path: str, folder: str, *, doubt: bool = False) -> bool:
    """Tell whether *path* is *folder* or lies below it, all links of both followed.

    Where the system can't follow them, *doubt* is returned. Folders are compared as the system
    knows them: where case doesn't count, one name may be written in several ways.
    """
    try:
        whole, path = os.stat(folder), real(path)
        if not os.path.lexists(path):
            path = os.path.dirname(path)
        while not os.path.samestat(os.stat(path), whole):
            path, below = os.path.dirname(path), path
            if path == below:
                return False
    except OSError:
        return doubt
    return True


def real(path: str) -> str:
    """Return *path* with all links followed; a file that isn't there yet may stand at its end.

    The system is asked first: it follows some forty links, and :func:`os.path.realpath` any
    number, each in a call of its own up to Python 3.12.

    Raises:
        OSError: the system doesn't follow it.
    """
    try:
        os.stat(path)
    except FileNotFoundError:
        folder, name = os.path.split(path)
        os.stat(folder)
        if os.path.lexists(path):  # a link to nowhere
            raise
        return os.path.join(os.path.realpath(folder), name)
    return os.path.realpath(path)
