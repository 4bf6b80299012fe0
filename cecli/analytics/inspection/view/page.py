"""The page: one file with charts, tables and the newest events, that loads nothing and asks nobody.

Owns what is in it and how it is made safe: jinja2 escapes each text, and a content security policy
lets only the page's own script and style run, by their hashes. Needs the extra ``cecli[view]``.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import os
import tempfile
import time
from collections import deque
from contextlib import suppress
from typing import Any

from cecli import __version__, files
from cecli.analytics.catalogue.builtin import COMMON, own_and_common
from cecli.analytics.catalogue.declaration import Catalogue
from cecli.analytics.inspection.user import Problem, moment
from cecli.analytics.inspection.view import report
from cecli.analytics.inspection.view.reading import Recorded
from cecli.analytics.inspection.view.summary import Summary, day_of
from cecli.layout import many
from cecli.messages import because, printable, quoted

MOST_EVENTS, MOST_BYTES = 5_000, 4_000_000
"""The newest events that the page holds, for a browser to open it at once; its sums are of all."""
EXTRA = "pip install 'cecli[view]'"
"""What installs what a page needs."""
_MARK = "<!doctype html>\n<!-- A page of analytics, made by view. -->"
"""What such a page begins with, and nobody else's does."""
_DEEPEST = 20
_TEMPLATE = os.path.join(os.path.dirname(__file__), "template")


class Newest:
    """The newest events, as many as the page can hold."""

    def __init__(self) -> None:
        self._held: deque[tuple[Recorded, int]] = deque()
        self._bytes = 0
        self.count = 0
        """How many there were."""

    def add(self, event: Recorded) -> None:
        """Take one in; the oldest go if there are too many."""
        self.count += 1
        size = len(json.dumps(event))
        self._held.append((event, size))
        self._bytes += size
        while len(self._held) > MOST_EVENTS or self._bytes > MOST_BYTES:
            self._bytes -= self._held.popleft()[1]

    def __iter__(self) -> Any:
        return (event for event, _ in self._held)

    def __len__(self) -> int:
        return len(self._held)


def refuse_without_extra() -> None:
    """Make sure that a page can be made, before a long log is read.

    Raises:
        Problem: the extra isn't installed.
    """
    missing = [name for name in ("jinja2", "pygal") if importlib.util.find_spec(name) is None]
    if missing:
        are = "are" if missing[1:] else "is"
        raise Problem(f"{' and '.join(missing)} {are} missing for the page: {EXTRA}")


def render(summary: Summary, newest: Newest, catalogue: Catalogue) -> str:
    """Return the page."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    from cecli.analytics.inspection.view.charts import charts

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    script, style = _own("page.js"), _own("page.css")
    found = environment.get_template("page.html").render(
        script=Markup(script),
        style=Markup(style),
        script_hash=_hash(script),
        style_hash=_hash(style),
        version=__version__,
        made=moment(time.time()),
        logs=[
            (printable(log.title), log.broken and many(log.broken, "line")) for log in summary.logs
        ],
        headline=report.headline(summary),
        totals=report.totals(summary),
        charts=[chart._replace(svg=Markup(chart.svg)) for chart in charts(summary)],
        tables=[each.harmless() for each in report.tables(summary) if each.title in _TABLES],
        facts=_facts(summary, catalogue),
        held=len(newest),
        count=newest.count,
        data=_data(newest, catalogue),
    )
    return f"{_MARK}\n{found}"


_TABLES = ("Days", "Models", "Features", "Sessions", "Edit formats")


def _own(name: str) -> str:
    with open(os.path.join(_TEMPLATE, name), encoding="utf-8") as file:
        return file.read()


def _hash(text: str) -> str:
    """Return what a content security policy calls an inline script or style (CSP3, 6.7.3.2)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _facts(summary: Summary, catalogue: Catalogue) -> list[tuple[str, str, str]]:
    """Return each property with the values that were seen and the reasons to collect it."""
    reasons: dict[str, list[str]] = {each.name: [each.why] for each in COMMON}
    for event in catalogue:
        for each in event.properties:
            known = reasons.setdefault(each.name, [])
            if each.why not in known:
                known.append(each.why)
    return [
        (
            printable(name),
            printable(report.values(summary.facts, name)),
            " ".join(reasons.get(name.partition(".")[0], ["Not in this version's catalogue."])),
        )
        for name in summary.facts.names()
    ]


def _data(newest: Newest, catalogue: Catalogue) -> dict[str, Any]:
    """Return what the script needs: events, with what many share said once, and the reasons."""
    shared: dict[str, int] = {}
    rows = []
    for name, properties, user_id, when, uuid in newest:
        own, common = own_and_common(properties)
        place = shared.setdefault(json.dumps([printable(user_id), _visible(common)]), len(shared))
        rows.append(
            [moment(when), day_of(when), printable(name), _visible(own), place, printable(uuid)]
        )
    return {
        "events": rows[::-1],
        "shared": [json.loads(each) for each in shared],
        "common": {each.name: each.why for each in COMMON},
        "catalogue": {
            event.name: {
                "about": f"{event.description} {event.why}",
                "why": {each.name: each.why for each in event.properties},
            }
            for event in catalogue
        },
    }


def _visible(value: Any, depth: int = 0) -> Any:
    """Return a value of JSON with all its texts printable, as deep as anybody reads."""
    if depth > _DEEPEST:
        return "..."
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, list):
        return [_visible(each, depth + 1) for each in value]
    if isinstance(value, dict):
        return {printable(key): _visible(each, depth + 1) for key, each in value.items()}
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return "a number that is too great"
    return value


def store(page: str, path: str) -> None:
    """Write the page to a file, wholly or not at all; a file that is no page stays.

    Raises:
        Problem: it can't be written, or there is something else.
    """
    path = os.path.abspath(path)
    try:
        if os.path.lexists(path):
            start = b""
            with suppress(OSError):  # a link, or what is no regular file, is no page
                start = files.read(path, len(_MARK))
            if start != _MARK.encode():
                raise Problem(f"{quoted(path)} is there and is no page; name another file", 2)
        files.replace(path, page.encode())
    except OSError as error:
        raise Problem(f"{quoted(path)} can't be written: {because(error)}", 2) from error


def store_in_new_folder(page: str) -> str:
    """Write the page to a new folder that is the user's alone; return its path."""
    path = os.path.join(tempfile.mkdtemp(prefix="cecli-analytics-"), "analytics.html")
    store(page, path)
    return path


def opened_in_browser(path: str) -> bool:
    """Open a page in the user's browser; return whether one was found."""
    import webbrowser
    from pathlib import Path

    try:
        return webbrowser.open(Path(path).absolute().as_uri())
    except webbrowser.Error:
        return False
