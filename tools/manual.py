"""The manual pages and the completions of the two commands, made from their parsers.

Owns what a package installs below ``share/``; how it looks is argparse-manpage's and shtab's.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from functools import partial

import shtab
from argparse_manpage.manpage import Manpage

from cecli import analytics
from cecli.analytics.inspection.verbs import VerbParser, verbs_parser
from cecli.analytics.program import CECLI
from cecli.args import ArgumentParser

Parser = Callable[[], argparse.ArgumentParser]
"""What makes a command's parser: each text is of a new one, for it changes its parser."""
_FILES_OF_A_SESSION = (
    "A file of a coding session, which has further options, too; cecli --help shows them where a "
    "session is installed"
)
_FILES = {"FILE", "PAGE"}
"""What a parser calls a value that names a file."""
_SHELLS = {
    "bash": "share/bash-completion/completions/{}",
    "zsh": "share/zsh/site-functions/_{}",
    "fish": "share/fish/vendor_completions.d/{}.fish",
}


def cecli() -> argparse.ArgumentParser:
    """Return cecli's parser as the packages know it: what else a session takes, its help says."""
    parser = ArgumentParser()
    analytics.add_arguments(parser)
    parser.add_argument("files", nargs="*", metavar="FILE", help=_FILES_OF_A_SESSION)
    return parser


def inspection() -> argparse.ArgumentParser:
    """Return the parser of ``cecli-analytics``, with the options of every verb."""
    parser = verbs_parser(CECLI, f"{CECLI.name}-analytics")
    for each in family(parser):
        if isinstance(each, VerbParser):
            each.load()
    return parser


def manual(make: Parser, heading: str) -> str:
    """Return the manual page of a command, in roff; its parser's last words get a *heading*."""
    parser = make()
    for each in family(parser):
        # So wide that no line is broken but by man, which knows the terminal.
        each.formatter_class = partial(argparse.HelpFormatter, width=100_000)
    words, parser.epilog = parser.epilog, None
    page = Manpage(parser, {"description": parser.description, "project_name": "cecli"})
    page.date, page.manual = "", "User Commands"
    page.add_section(heading, "=", (words or "").replace("-", r"\-"))
    header, rest = str(page).split("\n", 1)
    return f"{header}\n.nh\n{rest}"  # no hyphen in the name of a variable


def completion(make: Parser, shell: str) -> str:
    """Return a file with which a shell completes a command's options, verbs and files."""
    parser = make()
    for each in family(parser):
        for action in each._actions:
            if action.metavar in _FILES:
                action.complete = shtab.FILE  # type: ignore[attr-defined]
    return shtab.complete(parser, shell)


def family(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield a parser and those below it."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for child in action.choices.values():
                yield from family(child)


def pages() -> list[tuple[str, Callable[[], str]]]:
    """Return the names of the files, and what gives each one's text."""
    found: list[tuple[str, Callable[[], str]]] = []
    for make, heading in ((cecli, "sources"), (inspection, "exit status")):
        name = make().prog
        found.append((f"share/man/man1/{name}.1", partial(manual, make, heading)))
        for shell, path in _SHELLS.items():
            found.append((path.format(name), partial(completion, make, shell)))
    return found
