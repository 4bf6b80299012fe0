"""A notebook for the command line, as an example of a program with analytics.

notes add "buy milk"
notes search milk --analytics-log events.jsonl
notes-analytics status
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import configargparse

from cecli.analytics import Analytics, Catalogue, Program, add_arguments, inspect, resolve

NOTES = Program(
    "notes",
    info_url="https://example.com/notes/analytics",
    version="1.0",
    posthog_project_api_key=None,  # a release sets it; what is built from source sends nothing
)
"""Who asks: gives the variables (NOTES_…), the folder (~/.notes) and the question's words."""


def declared() -> Catalogue:
    """Return everything that this program can ever record."""
    catalogue = Catalogue()
    catalogue.declare_packages("notes")
    catalogue.declare_commands("add", "show")
    catalogue.declare_features("search")
    return catalogue


def make_parser() -> argparse.ArgumentParser:
    """Return the parser with the program's own options and those of analytics."""
    parser = configargparse.ArgumentParser(
        prog="notes",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        default_config_files=["~/.notes.conf.yml"],
        config_file_parser_class=configargparse.YAMLConfigFileParser,
    )
    parser.add_argument("command", choices=("add", "search", "show"))
    parser.add_argument("text", nargs="?", default="", help="a note, or what to search for")
    parser.add_argument("--file", type=Path, default=Path("notes.txt"), help="where the notes are")
    add_arguments(parser, NOTES)
    return parser  # type: ignore[no-any-return]


def run(args: argparse.Namespace, analytics: Analytics) -> int:
    """Do what was asked; return the exit code."""
    if args.command == "add":
        analytics.event("command_add")
        with args.file.open("a", encoding="utf-8") as file:
            file.write(args.text + "\n")
        return 0
    notes = args.file.read_text(encoding="utf-8").splitlines() if args.file.exists() else []
    if args.command == "show":
        analytics.event("command_show")
    else:
        with analytics.feature("search"):
            notes = [note for note in notes if args.text in note]
    print("\n".join(notes))
    return 0 if notes else 1


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; return its exit code."""
    parser = make_parser()
    args = parser.parse_args(argv)
    with resolve(args, parser, catalogue=declared()) as analytics:
        analytics.event("launched")
        reason = "crash"
        try:
            code = run(args, analytics)
            reason = "completed"
        finally:
            analytics.event("exit", reason=reason)
    return code


def inspect_analytics() -> int:
    """Run ``notes-analytics``, which shows what this program records; return the exit code."""
    return inspect(make_parser(), catalogue=declared())


if __name__ == "__main__":
    sys.exit(main())
