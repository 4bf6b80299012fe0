"""One of our options as it stands on a configargparse parser: it stores what was typed, no more."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from cecli import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from cecli.analytics.program import Program


def options_of(parser: argparse.ArgumentParser) -> list[Action]:
    """Return our options on *parser*."""
    return [action for action in parser._actions if isinstance(action, Action)]


def inner_parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield the parsers of a parser's sub-commands, at any depth."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in dict.fromkeys(action.choices.values()):
                yield inner
                yield from inner_parsers(inner)


class Action(argparse.Action):
    """Stores what the command line says; the parser puts what holds in its place."""

    def __init__(self, *, program: Program, **options: Any) -> None:
        super().__init__(**options)
        self.program = program
        self.is_merged: bool | None = None
        """Whether the parser that parses now will merge; None before it has been added to one."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Store it; a switch's value is its own."""
        setattr(namespace, self.dest, self.const if self.nargs == 0 else values)

    # Not even on a parser with an auto_env_var_prefix: settings reads the variables.
    env_var = property(lambda self: None, lambda self, name: None)

    @property
    def is_positional_arg(self) -> bool:
        """False. A configargparse parser sets it on each of its options whenever it parses."""
        return False

    @is_positional_arg.setter
    def is_positional_arg(self, value: bool) -> None:
        if self.is_merged is False:
            raise TypeError(
                "this parser inherited the analytics options (parents=...): call add_arguments on "
                "it, too, or what files and variables say of them is lost"
            )
        self.is_merged = bool(self.is_merged)
