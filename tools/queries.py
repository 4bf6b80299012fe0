"""Owns the queries for those who read the events: their files, and the dashboard made of them.

What each is for is told in ``docs/posthog.md``; that they fit the catalogue is shown by
``tests/test_queries.py``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parents[1] / "docs" / "queries"
DASHBOARD = "How cecli is used"
COLUMNS = 12
"""How wide PostHog's grid for tiles is."""
_HEIGHT = 5


class Query(NamedTuple):
    """A question about the events, and the HogQL that answers it."""

    name: str
    """The file's, without its ending."""
    question: str
    """The comment in its first line."""
    text: str
    """The whole file."""

    @property
    def is_tile(self) -> bool:
        """Whether it heeds what a dashboard filters by: the time, a property."""
        return "{filters}" in self.text


def queries(folder: Path = FOLDER) -> dict[str, Query]:
    """Return all queries by their names."""
    found = {}
    for path in sorted(folder.glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        question = text.partition("\n")[0].removeprefix("-- ")
        found[path.stem] = Query(path.stem, question, text)
    return found


def block(query: Query) -> str:
    """Return a query as a block of Markdown."""
    return f"```sql\n{query.text}```\n"


def dashboard() -> str:
    """Return the body of a request that makes a dashboard, one tile a query, in two columns.

    PostHog's source has its form, in ``products/dashboards/backend/``: what the template needs in
    ``api/dashboard_template_schema.json``, and a tile in ``dashboard_template_export.py``.
    """
    shown = [query for query in queries().values() if query.is_tile]
    template = {
        "template_name": DASHBOARD,
        "dashboard_description": "One tile for each question of docs/posthog.md.",
        "dashboard_filters": {"date_from": "-90d"},
        "tags": [],
        "variables": [],
        "tiles": [_tile(number, query) for number, query in enumerate(shown)],
    }
    return json.dumps({"template": template}, indent=2) + "\n"


def _tile(number: int, query: Query) -> dict[str, object]:
    width = COLUMNS // 2
    place = {"x": number % 2 * width, "y": number // 2 * _HEIGHT, "w": width, "h": _HEIGHT}
    return {
        "type": "INSIGHT",
        "name": query.question,
        "description": f"docs/queries/{query.name}.sql",
        "query": {
            "kind": "DataVisualizationNode",
            "source": {"kind": "HogQLQuery", "query": query.text},
        },
        "layouts": {"sm": place},
        "color": None,
    }
