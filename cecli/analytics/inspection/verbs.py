"""A program's inspection command: look at what its analytics holds, deliver it, try it out.

Owns the command line and the exit codes; each verb has a module of its own. A console script, not
``python -m``: that would import from the current folder.

Exit codes: 0, it did what it was asked; 1, it couldn't, or events still wait; 2, bad usage; 3, from
``status``, no event leaves from here; 130, interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NoReturn

from cecli.analytics.inspection.user import Problem, User
from cecli.analytics.inspection.view import options as view_options
from cecli.analytics.program import CECLI, Program
from cecli.messages import CantShow, Showing, cut, printable, say

if TYPE_CHECKING:
    from cecli.analytics.catalogue.declaration import Catalogue


def inspect(
    parser: argparse.ArgumentParser,
    *,
    catalogue: Catalogue | Callable[[], Catalogue] | None = None,
    argv: Sequence[str] | None = None,
) -> int:
    """Run a program's own inspection command; return its exit code.

    A program makes it a console script of its own, named after it: ``notes-analytics``.

    Args:
        parser: the program's, on which :func:`~cecli.analytics.add_arguments` was called.
        catalogue: what the program may record, or a function that returns it, called by the verbs
            that need it; the built-in events by default.
        argv: the words after the command's name, ``sys.argv``'s by default.
    """
    program: Program = getattr(parser, "analytics_program", CECLI)
    prog = f"{program.name}-analytics"
    user = User(parser, prog)
    words = verbs_parser(program, prog)
    arguments = words.parse_args(argv)
    if arguments.verb is None:
        words.print_help()
        return 0
    try:
        return _run(arguments, user, lambda: _made(catalogue))
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


def _made(catalogue: Catalogue | Callable[[], Catalogue] | None) -> Catalogue:
    from cecli.analytics.catalogue.declaration import Catalogue

    if isinstance(catalogue, Catalogue):
        return catalogue
    return catalogue() if catalogue else Catalogue()


class _Parser(Showing, argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.format_usage()}{self.prog}: error: {printable(message)}\n")


def verbs_parser(program: Program, prog: str) -> argparse.ArgumentParser:
    """Return the parser of a program's inspection command, which is called *prog*."""
    parser = _Parser(
        prog=prog,
        description=f"Look at the usage analytics of {program.name}, decide, deliver, try it out.",
        epilog="Exit codes: 0 done; 1 it couldn't be done, or events still wait; 2 bad usage; "
        "3 from status where no event leaves.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {program.version}")
    verbs = parser.add_subparsers(title="verbs", dest="verb", metavar="VERB")

    def add(name: str, text: str) -> argparse.ArgumentParser:
        return verbs.add_parser(name, help=text, description=text, allow_abbrev=False)

    status = add("status", "Show whether events leave from here, why, and how to change it.")
    status.add_argument("--json", action="store_true", help="show it for a script")
    preview = add("preview", "Show each event that can be recorded, as it would leave.")
    preview.add_argument("--json", action="store_true", help="show the lines that would leave")
    add("enable", "Ask the question again, after a no too; needs a terminal.")
    disable = add("disable", "Disable for good: forget the id and all that waits to be sent.")
    disable.add_argument(
        "host", nargs="?", metavar="HOST", help="take back only the yes to this PostHog host"
    )
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


def _run(arguments: argparse.Namespace, user: User, catalogue: Callable[[], Catalogue]) -> int:
    """Run the verb; the others' modules aren't loaded."""
    if arguments.verb == "status":
        from cecli.analytics.inspection import status

        return status.run(user, as_json=arguments.json)
    if arguments.verb == "preview":
        from cecli.analytics.inspection import preview

        return preview.run(user, catalogue(), as_json=arguments.json)
    if arguments.verb == "enable":
        from cecli.analytics.inspection import enable

        return enable.run(user)
    if arguments.verb == "disable":
        from cecli.analytics.inspection import disable

        return disable.run(user, arguments.host)
    if arguments.verb == "events":
        from cecli.analytics.inspection import events

        declared = catalogue()
        declared.declare_program(user.program.name)
        return events.run(declared)
    if arguments.verb == "view":
        from cecli.analytics.inspection.view import verb

        return verb.run(arguments, user, catalogue())
    if arguments.verb == "deliver":
        from cecli.analytics.inspection import deliver

        return deliver.run(user)
    from cecli.analytics.inspection import receive

    if arguments.modes:
        return receive.list_modes()
    return receive.run(arguments.address, arguments.port, mode=arguments.mode, file=arguments.file)
