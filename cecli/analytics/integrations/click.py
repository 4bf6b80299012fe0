"""The analytics options on a click or typer command, in its help, and its analytics.

::

    add_options(notes, parser)     # a command or group, and a parser that has add_arguments
    notes()

click reads the command line, with its own errors. What it found of the six goes to the parser,
which knows the variables, the config files and what holds; the rest is
:func:`~cecli.analytics.resolve`'s. click or typer are imported only to make the options.
"""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import TYPE_CHECKING, Any

from cecli.analytics import registration
from cecli.analytics.resolution import resolve
from cecli.analytics.running import crash
from cecli.analytics.settings.options import OPTIONS

if TYPE_CHECKING:
    from cecli.analytics.catalogue.declaration import Catalogue
    from cecli.analytics.client import Analytics

_ANALYTICS: ContextVar[Analytics | None] = ContextVar("analytics", default=None)
_ATTRIBUTE = {option.name: option.name.replace("-", "_") for option in OPTIONS}
_PARSED, _WORDS = f"{__name__}.parsed", f"{__name__}.words"


def add_options(
    command: Any, parser: argparse.ArgumentParser, *, catalogue: Catalogue | None = None
) -> None:
    """Give a click or typer command the analytics options of a parser, and its analytics.

    A mistake of the user's is shown and ends as click has it. Before it does, analytics is
    disabled if the user wants that. In the command, and in those below it, :func:`current` returns
    the analytics; it closes itself when the command ends.

    Args:
        command: a click command or group, or what ``typer.main.get_command`` returns.
        parser: a configargparse parser for the analytics options alone, on which
            :func:`~cecli.analytics.add_arguments` was called. Its config files are read.
        catalogue: what may be recorded, as for :func:`~cecli.analytics.resolve`.

    Raises:
        TypeError: *command* is no command, or *parser* has no analytics options.
        ValueError: *command* has one of these options already.
    """
    kind = type(command)
    packages = {name.partition(".")[0] for name in crash.names(kind)} & {"click", "typer"}
    if not packages or not hasattr(command, "params"):
        raise TypeError(f"add_options needs a click or typer command, not {kind.__name__}")
    program = getattr(parser, "analytics_program", None)
    if program is None:
        raise TypeError("add_options needs a parser that add_arguments was called on")
    taken = {word for param in command.params for word in (*param.opts, param.name)}
    for name, attribute in _ATTRIBUTE.items():
        if taken & {f"--{name}", attribute}:
            raise ValueError(f"add_options: the command has an option --{name} already")
    make = _typer_options if "typer" in packages else _click_options
    for made, option in zip(make(), OPTIONS, strict=True):
        made.help, made.envvar = option.text, option.variable(program)
        made.show_envvar = True
        made.value_from_envvar = lambda ctx: None  # the parser reads it
        command.params.append(made)
    _Wrapper(command, parser, catalogue)


def current() -> Analytics:
    """Return the analytics of the command that runs.

    Raises:
        RuntimeError: no command with analytics options runs in this thread.
    """
    found = _ANALYTICS.get()
    if found is None:
        raise RuntimeError("no command runs here that add_options was called on")
    return found


def _click_options() -> list[Any]:
    import click

    return [
        click.Option(
            [f"--{option.name}"],
            is_flag=not option.metavar,
            default=None if option.metavar else False,
            metavar=option.metavar,
        )
        for option in OPTIONS
    ]


def _typer_options() -> list[Any]:
    """Make the options as typer makes them: its newer versions carry a click of their own."""
    import typer

    def options() -> None:
        """Stand for a command that has them."""

    made = {}
    for option in OPTIONS:
        default: Any = typer.Option(
            None if option.metavar else False,
            f"--{option.name}",
            metavar=option.metavar,
            show_default=False,
            rich_help_panel="Analytics",
        )
        kind = str if option.metavar else bool
        made[_ATTRIBUTE[option.name]] = default, kind
    options.__annotations__ = {name: kind for name, (_, kind) in made.items()}
    options.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind
            )
            for name, (default, kind) in made.items()
        ]
    )
    app = typer.Typer(add_completion=False)
    app.command()(options)
    params = {param.name: param for param in typer.main.get_command(app).params}
    return [params[name] for name in made]


class _Wrapper:
    """Wraps three methods of a command: it parses, runs and ends with its analytics."""

    def __init__(
        self, command: Any, parser: argparse.ArgumentParser, catalogue: Catalogue | None
    ) -> None:
        self._parser, self._catalogue = parser, catalogue
        self._main, command.main = command.main, self.main
        self._parse_args, command.parse_args = command.parse_args, self.parse_args
        self._invoke, command.invoke = command.invoke, self.invoke

    def main(self, *words: Any, **options: Any) -> Any:
        """Run the command, and then close its analytics; what click hands on is a crash."""
        with ExitStack() as ending:
            ending.callback(_ANALYTICS.reset, _ANALYTICS.set(None))
            ending.push(_close)
            return self._main(*words, **options)

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        """Parse as click does, and let the parser read what was said elsewhere."""
        ctx.meta.setdefault(_WORDS, list(args))  # click may parse what is left once more
        self._parser.error = ctx.fail  # type: ignore[method-assign]
        with self._heeding(ctx):
            rest = self._parse_args(ctx, args)
            words = _typed(ctx)
            if not ctx.resilient_parsing:  # only to complete a word
                ctx.meta[_PARSED] = self._parser.parse_args(words)
            return rest

    def invoke(self, ctx: Any) -> Any:
        """Run the command with its analytics."""
        analytics = resolve(ctx.meta[_PARSED], self._parser, catalogue=self._catalogue)
        _ANALYTICS.set(analytics)
        with self._heeding(ctx):  # a command below this one parses only now
            return self._invoke(ctx)

    @contextmanager
    def _heeding(self, ctx: Any) -> Iterator[None]:
        """Let the parser heed a disable before the program ends over a mistake of its user."""
        try:
            yield
        except Exception as error:
            if crash.names(type(error)) & {"click.UsageError", "typer.UsageError"}:
                code: int = error.exit_code  # type: ignore[attr-defined]
                code = registration.heed_disable(self._parser, ctx.meta[_WORDS], code)
                error.exit_code = code  # type: ignore[attr-defined]
            raise


def _typed(ctx: Any) -> list[str]:
    """Return those of the options that click found, as words for the parser."""
    words = []
    for option in OPTIONS:
        value = ctx.params.pop(_ATTRIBUTE[option.name], None)
        source = getattr(ctx.get_parameter_source(_ATTRIBUTE[option.name]), "name", "")
        if source == "COMMANDLINE":
            words.append(f"--{option.name}" + (f"={value}" if option.metavar else ""))
        elif source == "DEFAULT_MAP" and not option.metavar and value is option.switches_off:
            words.append("--no-analytics")  # a program's own defaults may switch off, and no more
    return words


def _close(
    kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
) -> None:
    if analytics := _ANALYTICS.get():
        analytics.__exit__(kind, error, trace)
