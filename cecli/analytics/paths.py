"""The files of a user's analytics, by name; nothing here creates, reads or locks one."""

import os.path


class Paths:
    """The files that belong to a user's analytics in one program, by its name.

    They lie below the absolute path *home*.
    """

    def __init__(self, home: str, program: str = "cecli") -> None:
        self.home = home
        self.program = program

    @property
    def folder(self) -> str:
        """The folder (mode 0700) that holds all the others."""
        return os.path.join(self.home, f".{self.program}")

    @property
    def consent(self) -> str:
        """The consent record (mode 0600)."""
        return os.path.join(self.folder, "analytics.json")

    @property
    def lock(self) -> str:
        """The file that is locked while the consent record is rewritten."""
        return os.path.join(self.folder, "analytics.json.lock")

    @property
    def spool(self) -> str:
        """The folder (mode 0700) of events that wait for delivery."""
        return os.path.join(self.folder, "analytics-spool")

    def is_one(self, path: str) -> bool:
        """Tell whether *path*, all links followed, leads to one of these files."""
        real = os.path.realpath(path)
        kept = [os.path.realpath(each) for each in (self.consent, self.lock, self.spool)]
        return real in kept or os.path.dirname(real) == kept[-1]
