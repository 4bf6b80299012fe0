"""The program ``cecli-analytics``: look at what analytics holds, deliver it, try it out.

Owns the command line and the exit codes; each verb has a module of its own. A console script, not
``python -m``: that would import from the current folder.

Exit codes: 0, it did what it was asked; 1, it couldn't, or events still wait; 2, bad usage;
130, interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from cecli.analytics.catalogue.declaration import Catalogue
from cecli.analytics.inspection.user import Problem
from cecli.analytics.inspection.view import options as view_options
from cecli.messages import CantShow, Showing, cut, printable, say


def main(
    argv: Sequence[str] | None = None, *, declared: Callable[[], Catalogue] = Catalogue
) -> int:
    """Run a verb and return the exit code; *declared* makes the catalogue to show."""
    arguments = _parser().parse_args(argv)
    try:
        return _run(arguments, declared)
    except Problem as problem:
        say(f"cecli-analytics: {problem}", sys.stderr)
        return problem.code
    except KeyboardInterrupt:
        return 130
    except CantShow as error:
        return error.tell("cecli-analytics")
    except OSError as error:
        say(f"cecli-analytics: {cut(str(error))}", sys.stderr)
        return 1


class _Parser(Showing, argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.format_usage()}{self.prog}: error: {printable(message)}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="cecli-analytics",
        description="Look at cecli's usage analytics, deliver what waits, or try it out.",
        epilog="Exit codes: 0 done, 1 it couldn't be done or events still wait, 2 bad usage.",
        allow_abbrev=False,
    )
    verbs = parser.add_subparsers(title="verbs", dest="verb", required=True, metavar="VERB")

    def add(name: str, text: str) -> argparse.ArgumentParser:
        return verbs.add_parser(name, help=text, description=text, allow_abbrev=False)

    add("status", "Show the consent, what waits, and what came of the last delivery.")
    add("events", "Print the catalogue of everything that can leave, as Markdown.")
    view_options.add(add("view", "Show what a log holds: summed up, event by event, or as a page."))
    add("deliver", "Send what waits now, even if a failure asks to wait longer.")
    receiver = add("receiver", "Receive events on this machine, as PostHog would.")
    receiver.add_argument("--address", default="127.0.0.1", help="a loopback address")
    receiver.add_argument("--port", type=int, default=0, help="0, the default, for a free one")
    receiver.add_argument(
        "--file", metavar="FILE", help="append the received events here; default: print them"
    )
    receiver.add_argument("--mode", default="ok", metavar="MODE", help="how to answer; see --modes")
    receiver.add_argument("--modes", action="store_true", help="list the modes and exit")
    return parser


def _run(arguments: argparse.Namespace, declared: Callable[[], Catalogue]) -> int:
    """Run the verb; the others' modules aren't loaded."""
    if arguments.verb == "status":
        from cecli.analytics.inspection import status

        return status.run()
    if arguments.verb == "events":
        from cecli.analytics.inspection import events

        return events.run(declared())
    if arguments.verb == "view":
        from cecli.analytics.inspection.view import verb

        return verb.run(arguments, declared)
    if arguments.verb == "deliver":
        from cecli.analytics.inspection import deliver

        return deliver.run()
    from cecli.analytics.inspection import receive

    if arguments.modes:
        return receive.list_modes()
    return receive.run(arguments.address, arguments.port, mode=arguments.mode, file=arguments.file)
