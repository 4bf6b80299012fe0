"""A program's inspection command: look at what its analytics holds, deliver it, try it out.

Owns the command line and the exit codes; each verb has a module of its own. A console script, not
``python -m``: that would import from the current folder.

Exit codes: 0, it did what it was asked; 1, it couldn't, or events still wait; 2, bad usage;
130, interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from cecli.analytics.catalogue.declaration import Catalogue
from cecli.analytics.inspection.user import Problem, User
from cecli.analytics.program import CECLI
from cecli.messages import CantShow, Showing, cut, printable, say


def inspect(
    parser: argparse.ArgumentParser,
    *,
    catalogue: Catalogue | None = None,
    argv: Sequence[str] | None = None,
) -> int:
    """Run a program's own inspection command; return its exit code.

    A program makes it a console script of its own, named after it: ``notes-analytics``.

    Args:
        parser: the program's, on which :func:`~cecli.analytics.add_arguments` was called.
        catalogue: what the program may record; the built-in events by default.
        argv: the words after the command's name, ``sys.argv``'s by default.
    """
    program = getattr(parser, "analytics_program", CECLI).name
    prog = f"{program}-analytics"
    user = User(parser, prog)
    arguments = _parser(program, prog).parse_args(argv)
    try:
        return _run(arguments, user, catalogue or Catalogue())
    except Problem as problem:
        say(f"{prog}: {problem}", sys.stderr)
        return problem.code
    except KeyboardInterrupt:
        return 130
    except CantShow as error:
        return error.tell(prog)
    except OSError as error:
        say(f"{prog}: {cut(str(error))}", sys.stderr)
        return 1


class _Parser(Showing, argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.format_usage()}{self.prog}: error: {printable(message)}\n")


def _parser(program: str, prog: str) -> argparse.ArgumentParser:
    parser = _Parser(
        prog=prog,
        description=f"Look at the usage analytics of {program}, deliver what waits, or try it out.",
        epilog="Exit codes: 0 done, 1 it couldn't be done or events still wait, 2 bad usage.",
        allow_abbrev=False,
    )
    verbs = parser.add_subparsers(title="verbs", dest="verb", required=True, metavar="VERB")

    def add(name: str, text: str) -> argparse.ArgumentParser:
        return verbs.add_parser(name, help=text, description=text, allow_abbrev=False)

    add("status", "Show the consent, what waits, and what came of the last delivery.")
    add("events", "Print the catalogue of everything that can leave, as Markdown.")
    view = add("view", "Show a log or a file of the spool in a readable form.")
    view.add_argument("file", metavar="FILE")
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


def _run(arguments: argparse.Namespace, user: User, catalogue: Catalogue) -> int:
    """Run the verb; the others' modules aren't loaded."""
    if arguments.verb == "status":
        from cecli.analytics.inspection import status

        return status.run(user)
    if arguments.verb == "events":
        from cecli.analytics.inspection import events

        catalogue.declare_program(user.program.name)
        return events.run(catalogue)
    if arguments.verb == "view":
        from cecli.analytics.inspection import view

        return view.run(arguments.file)
    if arguments.verb == "deliver":
        from cecli.analytics.inspection import deliver

        return deliver.run(user)
    from cecli.analytics.inspection import receive

    if arguments.modes:
        return receive.list_modes()
    return receive.run(arguments.address, arguments.port, mode=arguments.mode, file=arguments.file)
