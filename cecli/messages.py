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


def quoted(path: str) -> str:
    """Return *path* as a word of a shell's command line, without what a terminal might obey.

    >>> quoted("/home/ada/my files"), quoted("/tmp/a\\x1bb")
    ("'/home/ada/my files'", "$'/tmp/a\\\\x1bb'")
    """
    if path.isprintable():
        from shlex import quote  # 1 ms, and few need it

        return quote(path)
    letters = (chr(byte) for byte in os.fsencode(path))
    plain = (
        c if c.isascii() and (c.isalnum() or c in "/._-") else f"\\x{ord(c):02x}" for c in letters
    )
    return f"$'{''.join(plain)}'"


def because(error: Exception) -> str:
    """Return the system's reason for an error, as the end of a sentence.

    >>> because(FileNotFoundError(2, "No such file or directory"))
    'no such file or directory'
    """
    return str(getattr(error, "strerror", None) or error).lower()
