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
from cecli.analytics.inspection.view import options
from cecli.analytics.inspection.view.progress import Progress
from cecli.analytics.inspection.view.reading import LogFile, Recorded
from cecli.analytics.inspection.view.summary import Summary
from cecli.analytics.spool.queue import Queue
from cecli.messages import quoted, say, show

add = options.add


def run(arguments: argparse.Namespace, user: User, catalogue: Callable[[], Catalogue]) -> int:
    """Show the logs as asked; return the exit code."""
    if arguments.follow and not (arguments.events and len(arguments.files) == 1):
        raise Problem("--follow is for --events of one FILE", 2)
    prog = user.prog
    logs = _logs(arguments.files, user if arguments.queue else None)
    wanted = _wanted(arguments.name, arguments.since)
    if arguments.events:
        from cecli.analytics.inspection.view import listing

        shown = sum(listing.show_events(log, wanted, follow=arguments.follow) for log in logs)
        return _judge(logs, shown, prog)
    if arguments.html or arguments.open:
        return _write_page(logs, wanted, catalogue(), arguments.html, prog)
    summary = summed_up(logs, wanted)
    if arguments.json:
        from cecli.analytics.inspection.view import numbers

        show(numbers.render(summary), sys.stdout)
    elif summary.count:
        from cecli.analytics.inspection.view import terminal

        terminal.show_report(summary)
    return _judge(logs, summary.count, prog)


def _write_page(
    logs: list[LogFile],
    wanted: Callable[[Recorded], bool] | None,
    catalogue: Catalogue,
    path: str | None,
    prog: str,
) -> int:
    """Write the page to *path*; without one to a new folder, and open it."""
    from cecli.analytics.inspection.view import page

    page.refuse_without_extra()
    newest = page.Newest()
    summary = summed_up(logs, wanted, newest.add)
    if not summary.count:
        return _judge(logs, 0, prog)
    made, given = page.render(summary, newest, catalogue), path is not None
    if path:
        page.store(made, path)
    else:
        path = page.store_in_new_folder(made)
    show(f"{quoted(path)}: the page of {summary.count:,} events\n", sys.stdout)
    code = _judge(logs, summary.count, prog)
    if not given and not page.opened_in_browser(path):
        say(f"{prog}: no browser was found to open {quoted(path)}", sys.stderr)
        return 1
    return code


def summed_up(
    logs: list[LogFile],
    wanted: Callable[[Recorded], bool] | None,
    each: Callable[[Recorded], None] | None = None,
) -> Summary:
    """Return the summary of the wanted events, each of which is handed on besides.

    Raises:
        Problem: a log can't be read.
    """
    summary = Summary()
    with Progress() as progress:
        for log in logs:
            summary.read(log, wanted, each, progress.of(log))
    return summary


def _logs(files: list[str], user: User | None) -> list[LogFile]:
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
    return [*(LogFile(name) for name in files), *(LogFile(name, may_go=True) for name in waiting)]


def _wanted(names: list[str], since: float | None) -> Callable[[Recorded], bool] | None:
    if not names and since is None:
        return None
    chosen, start = frozenset(names), since or 0.0
    return lambda event: event[3] >= start and (not chosen or event[0] in chosen)


def _judge(logs: list[LogFile], shown: int, prog: str) -> int:
    """Say what of the logs was no event; return the exit code: 1 if none was shown."""
    if not shown and any(log.events for log in logs):
        say(f"{prog}: no event is of that name and time", sys.stderr)
    for log in logs:
        if not log.lines and not log.may_go:
            say(f"{prog}: {log.title} is empty", sys.stderr)
        elif log.broken:
            say(f"{prog}: {log.title}: {_broken(log)}", sys.stderr)
        if log.unfinished:
            say(
                f"{prog}: {log.title}: the last line has no end and is no event yet; "
                "it may still be being written",
                sys.stderr,
            )
    return 0 if shown else 1


def _broken(log: LogFile) -> str:
    if log.broken == 1:
        return f"line {log.first_broken:,} is no event"
    return f"{log.broken:,} lines are no events, the first is line {log.first_broken:,}"
