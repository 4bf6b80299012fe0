"""Anonymous, opt-in usage analytics that a user can trust and a program adopts in three lines.

::

    add_arguments(parser)                 # any configargparse parser
    args = parser.parse_args()
    analytics = resolve(args, parser)     # asks if it has to, and stores the answer
    analytics.event("launched")
"""

from cecli import TYPE_CHECKING
from cecli.analytics.program import Program
from cecli.analytics.registration import add_arguments

if TYPE_CHECKING:
    from cecli.analytics.catalogue.declaration import Catalogue, CatalogueError
    from cecli.analytics.catalogue.event import Event, Property
    from cecli.analytics.client import Analytics, NotAsDeclared
    from cecli.analytics.consent.decision import Status
    from cecli.analytics.inspection.verbs import inspect
    from cecli.analytics.resolution import resolve

__all__ = [
    "Analytics",
    "Catalogue",
    "CatalogueError",
    "Event",
    "NotAsDeclared",
    "Program",
    "Property",
    "Status",
    "add_arguments",
    "inspect",
    "resolve",
]

_LATER = {
    "Analytics": "cecli.analytics.client",
    "Catalogue": "cecli.analytics.catalogue.declaration",
    "CatalogueError": "cecli.analytics.catalogue.declaration",
    "Event": "cecli.analytics.catalogue.event",
    "NotAsDeclared": "cecli.analytics.client",
    "Property": "cecli.analytics.catalogue.event",
    "Status": "cecli.analytics.consent.decision",
    "inspect": "cecli.analytics.inspection.verbs",
    "resolve": "cecli.analytics.resolution",
}


def __getattr__(name: str) -> object:
    """Load what a program that only shows its help or version doesn't need: 8 ms."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    globals()[name] = value = getattr(import_module(_LATER[name]), name)
    return value
