"""How files, values and system errors are named in a message to the user."""

import os

LONGEST = 200
"""Characters of a value that a message shows; what is longer loses its middle."""


def cut(text: str, longest: int = LONGEST) -> str:
    """Return *text*, without its middle if it is longer than a person reads.

    >>> cut("a" * 10 + "b" * 1_000_000, 11)
    'aaaa...bbbb'
    """
    half = (longest - 3) // 2
    return text if len(text) <= longest else f"{text[:half]}...{text[-half:]}"


def quoted(text: str) -> str:
    """Return *text* in quotes, with nothing in it that a terminal might obey instead of show.

    >>> print(quoted("a\\nb"))
    'a\\nb'
    """
    return repr(cut(text))


def shown(path: str, home: str | None = None) -> str:
    """Return *path* as a person writes it, with ``~`` for *home*.

    What a terminal might obey instead of show is quoted.

    >>> shown("/home/ada/.cecli.conf.yml", home="/home/ada")
    '~/.cecli.conf.yml'
    """
    if home is not None and path.startswith(home.rstrip(os.sep) + os.sep):
        path = "~" + path[len(home.rstrip(os.sep)) :]
    path = cut(path)
    return path if path.isprintable() else ascii(path)


def because(error: Exception) -> str:
    """Return the system's reason for an error, as the end of a sentence.

    >>> because(FileNotFoundError(2, "No such file or directory"))
    'no such file or directory'
    """
    return str(getattr(error, "strerror", None) or error).lower()
