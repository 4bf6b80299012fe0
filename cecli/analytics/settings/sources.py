"""Who said a setting: a flag, a variable, a file, the program itself."""

from __future__ import annotations

from cecli import TYPE_CHECKING
from cecli.named_tuple import NamedTuple

if TYPE_CHECKING:
    from typing import Literal

    Kind = Literal["flag", "variable", "config", "home", "project", "program", "machine"]


class Source(NamedTuple):
    """Who set a value, for a message and for what such a source may decide."""

    kind: Kind
    """``config`` is a file named with ``--config``, ``project`` one that may have come with a
    cloned repository, ``machine`` one that only root can have written."""
    text: str
    """For people: ``--analytics``, ``CECLI_ANALYTICS (environment)``,
    ``analytics in ~/.cecli.conf.yml:3``."""
    option: str = ""
    """The option's name; ``no-analytics`` where that was said."""
    place: str = ""
    """The config file's name as the parser knows it, or the variable's."""
    is_doubted_off: bool = False
    """Whether it is an off in a file that others may have written, too: as if the user's own."""

    @property
    def is_own(self) -> bool:
        """Whether the user has said it, or a file that is the user's, or may be."""
        return self.is_doubted_off or self.kind in ("flag", "variable", "config", "home")


class Switch(NamedTuple):
    """A boolean that was set, and where."""

    value: bool
    source: Source


class Text(NamedTuple):
    """A string that was set, and where."""

    value: str
    source: Source
