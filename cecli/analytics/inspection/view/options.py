"""The options of ``view``, and the moment that ``--since`` means."""

from __future__ import annotations

import argparse
import re
import time

from cecli.messages import quoted

_AGO = re.compile(r"([0-9]{1,6}) ?([mhdw])")
_SECONDS = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def add(parser: argparse.ArgumentParser) -> None:
    """Put the options on the verb's parser."""
    parser.add_argument("files", nargs="*", metavar="FILE", help="a log; - for standard input")
    parser.add_argument("--queue", action="store_true", help="what waits to be sent, too")
    parser.add_argument(
        "--name", action="append", default=[], metavar="EVENT", help="only events of this name"
    )
    parser.add_argument(
        "--since",
        type=since,
        metavar="TIME",
        help="only events from then on: 2026-11-20, '2026-11-20 14:30', or 90m, 12h, 7d, 2w ago",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--events", action="store_true", help="each event instead of the summary")
    how.add_argument("--json", action="store_true", help="the summary's numbers as JSON")
    how.add_argument("--html", metavar="PAGE", help="write a page with charts to this file")
    how.add_argument("--open", action="store_true", help="write such a page and open it")
    parser.add_argument("--follow", action="store_true", help="with --events: wait for more")


def since(text: str) -> float:
    """Return the moment that *text* means, in seconds since the epoch.

    >>> since("1970-01-03T00:00:00+00:00")
    172800.0

    Raises:
        ArgumentTypeError: it means none.
    """
    if ago := _AGO.fullmatch(text):
        return time.time() - int(ago[1]) * _SECONDS[ago[2]]
    from datetime import datetime

    try:
        return datetime.fromisoformat(text).timestamp()  # without a zone it is the user's
    except (ValueError, OverflowError, OSError):
        raise argparse.ArgumentTypeError(
            f"{quoted(text)} is no time; expected one like 2026-11-20, '2026-11-20 14:30', or 7d"
        ) from None
