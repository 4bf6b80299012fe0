"""What a declaration is made of: an event and its properties, each with the reason to collect it.

Which there are is :mod:`~cecli.analytics.catalogue.builtin`'s and a program's, what they must keep
to :mod:`~cecli.analytics.catalogue.declaration`'s.
"""

from __future__ import annotations

from cecli import TYPE_CHECKING
from cecli.named_tuple import NamedTuple

if TYPE_CHECKING:
    from cecli.analytics.catalogue.property_types import PropertyType


class Property(NamedTuple):
    """One fact that an event may carry, and why it is collected."""

    name: str
    type: PropertyType
    why: str
    choices: tuple[str, ...] = ()
    """The words that a ``choice`` may be; ``other`` stands in for the rest."""


class Event(NamedTuple):
    """Something that happens in a session, and why it is recorded."""

    name: str
    description: str
    why: str
    properties: tuple[Property, ...] = ()
