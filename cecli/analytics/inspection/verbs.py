"""A program's inspection command: look at what its analytics holds, deliver it, try it out.

Owns the list of verbs and the exit codes; each verb has a module of its own. A console script, not
``python -m``: that would import from the current folder.

Exit codes: 0, it did what it was asked; 1, it couldn't, or events still wait; 2, bad usage; 3, from
``status``, no event leaves from here; 130, interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from cecli import TYPE_CHECKING
from cecli.analytics.inspection.user import Problem, User
from cecli.analytics.program import Program
from cecli.messages import CantShow, Showing, cut, printable, say

if TYPE_CHECKING:
    from typing import Any, NoReturn

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
    user = User(parser)
    prog = user.prog
    words = verbs_parser(user.program, prog)
    arguments = words.parse_args(argv)
    if arguments.verb is None:
        words.print_help()
        return 0
    try:
        code: int = arguments.run(arguments, user, lambda: _made(catalogue))
        return code
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


class VerbParser(_Parser):
    """A verb's parser, which loads the verb when its words are to be read; the others aren't."""

    def __init__(self, *, module: str, **options: Any) -> None:
        super().__init__(**options)
        self._module: str | None = module

    def load(self) -> None:
        """Put the verb's options here, once."""
        module, self._module = self._module, None
        if module:
            verb = import_module(f"cecli.analytics.inspection.{module}")
            verb.add(self)
            self.set_defaults(run=verb.run)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Load the verb, then parse."""
        self.load()
        return super().parse_known_args(args, namespace)


_VERBS = {
    "status": ("status", "Show whether events leave from here, why, and how to change it."),
    "preview": ("preview", "Show each event that can be recorded, as it would leave."),
    "enable": ("enable", "Ask the question again, after a no too; needs a terminal."),
    "disable": ("disable", "Disable for good: forget the id and all that waits to be sent."),
    "events": ("events", "Print the catalogue of everything that can leave, as Markdown."),
    "view": ("view.verb", "Show what a log holds: summed up, event by event, or as a page."),
    "deliver": ("deliver", "Send what waits now, even if a failure asks to wait longer."),
    "receiver": ("receive", "Receive events on this machine, as PostHog would."),
}
"""The module and the meaning of each verb, in the order of the help.

A module has two functions: ``add`` puts the verb's options on its parser, ``run`` takes what was
parsed, the user, and a function that returns the catalogue, and returns the exit code.
"""


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
    verbs = parser.add_subparsers(
        title="verbs", dest="verb", metavar="VERB", parser_class=VerbParser
    )
    for name, (module, text) in _VERBS.items():
        verbs.add_parser(name, module=module, help=text, description=text, allow_abbrev=False)
    return parser
