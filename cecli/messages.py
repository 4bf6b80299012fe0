"""How files and system errors are named in a message to the user."""

import os


def shown(path: str, home: str | None = None) -> str:
    """Return *path* as a person writes it, with ``~`` for *home*.

    What a terminal might obey instead of show is quoted.

    >>> shown("/home/ada/.cecli.conf.yml", home="/home/ada")
    '~/.cecli.conf.yml'
    """
    if home is not None and path.startswith(home.rstrip(os.sep) + os.sep):
        path = "~" + path[len(home.rstrip(os.sep)) :]
    return path if path.isprintable() else ascii(path)


def because(error: Exception) -> str:
    """Return the system's reason for an error, as the end of a sentence.

    >>> because(FileNotFoundError(2, "No such file or directory"))
    'no such file or directory'
    """
    return str(getattr(error, "strerror", None) or error).lower()
