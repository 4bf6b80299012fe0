"""What ``view`` does with its options: which logs are read, who shows them, the exit code.

Exit codes: 0, it was shown; 1, nothing in it is an event, or it couldn't be read to its end; 2, bad
usage, or a file that can't be opened.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable

from cecli.analytics.catalogue.declaration import Catalogue
from cecli.analytics.inspection.user import Problem, User
from cecli.analytics.inspection.view.progress import Progress
from cecli.analytics.inspection.view.reading import Event, Source
from cecli.analytics.inspection.view.summary import Summary
from cecli.analytics.spool.queue import Queue
from cecli.messages import quoted, say, show


def run(arguments: argparse.Namespace, user: User, catalogue: Catalogue) -> int:
    """Show the logs as asked; return the exit code."""
    if arguments.follow and not (arguments.events and len(arguments.files) == 1):
        raise Problem("--follow is for --events of one FILE", 2)
    prog = user.prog
    sources = _sources(arguments.files, user if arguments.queue else None)
    wanted = _wanted(arguments.name, arguments.since)
    if arguments.events:
        from cecli.analytics.inspection.view import listing

        shown = sum(
            listing.show_events(source, wanted, follow=arguments.follow) for source in sources
        )
        return _judge(sources, shown, prog)
    if arguments.html or arguments.open:
        return _write_page(sources, wanted, catalogue, arguments.html, prog)
    summary = summed_up(sources, wanted)
    if arguments.json:
        from cecli.analytics.inspection.view import numbers

        show(numbers.render(summary), sys.stdout)
    elif summary.count:
        from cecli.analytics.inspection.view import terminal

        terminal.show_report(summary)
    return _judge(sources, summary.count, prog)


def _write_page(
    sources: list[Source],
    wanted: Callable[[Event], bool] | None,
    catalogue: Catalogue,
    path: str | None,
    prog: str,
) -> int:
    """Write the page to *path*; without one to a new folder, and open it."""
    from cecli.analytics.inspection.view import page

    page.refuse_without_extra()
    newest = page.Newest()
    summary = summed_up(sources, wanted, newest.add)
    if not summary.count:
        return _judge(sources, 0, prog)
    made, given = page.render(summary, newest, catalogue), path is not None
    if path:
        page.store(made, path)
    else:
        path = page.store_in_new_folder(made)
    show(f"{quoted(path)}: the page of {summary.count:,} events\n", sys.stdout)
    code = _judge(sources, summary.count, prog)
    if not given and not page.opened_in_browser(path):
        say(f"{prog}: no browser was found to open {quoted(path)}", sys.stderr)
        return 1
    return code


def summed_up(
    sources: list[Source],
    wanted: Callable[[Event], bool] | None,
    each: Callable[[Event], None] | None = None,
) -> Summary:
    """Return the summary of the wanted events, each of which is handed on besides.

    Raises:
        Problem: a source can't be read.
    """
    summary = Summary()
    with Progress() as progress:
        for source in sources:
            summary.read(source, wanted, each, progress.of(source))
    return summary


def _sources(files: list[str], user: User | None) -> list[Source]:
    """Return what to read: the files and, of a *user*, the queue."""
    waiting: list[str] = []
    if user:
        spool = user.paths.spool
        waiting = [os.path.join(spool, each.file) for each in Queue(spool).segments()]
        if not waiting and not files:
            raise Problem("the queue is empty: nothing waits to be sent")
    elif not files:
        raise Problem("expected a FILE, - for standard input, or --queue", 2)
    if len(set(files)) < len(files):
        raise Problem("a FILE is named twice", 2)
    return [*(Source(name) for name in files), *(Source(name, may_go=True) for name in waiting)]


def _wanted(names: list[str], since: float | None) -> Callable[[Event], bool] | None:
    if not names and since is None:
        return None
    chosen, start = frozenset(names), since or 0.0
    return lambda event: event[3] >= start and (not chosen or event[0] in chosen)


def _judge(sources: list[Source], shown: int, prog: str) -> int:
    """Say what of the sources was no event; return the exit code: 1 if none was shown."""
    if not shown and any(source.events for source in sources):
        say(f"{prog}: no event is of that name and time", sys.stderr)
    for source in sources:
        if not source.lines and not source.may_go:
            say(f"{prog}: {source.title} is empty", sys.stderr)
        elif source.broken:
            say(f"{prog}: {source.title}: {_broken(source)}", sys.stderr)
        if source.unfinished:
            say(
                f"{prog}: {source.title}: the last line has no end and is no event yet; "
                "it may still be being written",
                sys.stderr,
            )
    return 0 if shown else 1


def _broken(source: Source) -> str:
    if source.broken == 1:
        return f"line {source.first_broken:,} is no event"
    return f"{source.broken:,} lines are no events, the first is line {source.first_broken:,}"
