"""The hooks that see an uncaught exception: the main thread's, the threads' and an event loop's.

Owns putting them in, chained, and taking them out, and what is no crash: a wish to leave, and a
mistake of the user's that a program only has to tell of; and whose an exception is that comes up in
our code. What of an exception may leave is :mod:`~cecli.analytics.facts.exceptions`'s.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress

from cecli import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from typing import Any

Record = Callable[[BaseException, str], None]
"""Records one crash: the exception, and where, as the catalogue's ``source`` names it."""
Undo = Callable[[], None]
"""Takes a hook out again; a second call does nothing."""


def install(record: Record) -> Undo:
    """Hook *record* into ``sys.excepthook``, ``threading.excepthook`` and a running loop.

    The hook that was there before always runs too, so what a user sees stays as it was.
    """
    import threading  # 1 ms, which a session that is off doesn't need

    undos = [
        _chain(sys, "main thread", lambda kind, error, traceback: error, record),
        _chain(threading, "thread", lambda details: details.exc_value, record),
    ]
    if "asyncio" in sys.modules:
        import asyncio

        with suppress(RuntimeError):  # no loop runs
            undos.append(watch_loop(asyncio.get_running_loop(), record))

    def undo() -> None:
        for step in undos:
            step()

    return undo


def watch_loop(loop: asyncio.AbstractEventLoop, record: Record) -> Undo:
    """Hook *record* into an event loop's exception handler, before the one that it has."""
    previous = loop.get_exception_handler()

    def handler(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        try:
            pass_on(record if recording else None, context.get("exception"), "event loop")
        finally:
            if previous is None:
                loop.default_exception_handler(context)
            else:
                previous(loop, context)

    recording = True
    loop.set_exception_handler(handler)

    def undo() -> None:
        nonlocal recording
        recording = False
        if loop.get_exception_handler() is handler:
            loop.set_exception_handler(previous)

    return undo


def _chain(module: Any, where: str, error_of: Callable[..., object], record: Record) -> Undo:
    """Put a hook before the ``excepthook`` of *module*.

    *error_of* takes what the hook is called with, and returns the exception.
    """
    # A program may have set it to None, or deleted it.
    previous = getattr(module, "excepthook", None) or module.__excepthook__

    def hook(*details: Any) -> None:
        try:
            pass_on(record if recording else None, error_of(*details), where)
        finally:
            previous(*details)

    recording = True
    module.excepthook = hook

    def undo() -> None:
        nonlocal recording
        recording = False  # for a hook that was put in after this one, and still calls it
        if getattr(module, "excepthook", None) is hook:
            module.excepthook = previous

    return undo


# typer carries a click of its own, from 0.26 on.
ENDS = {
    *("builtins.KeyboardInterrupt", "builtins.SystemExit"),
    *("click.Abort", "click.Exit", "typer.Abort", "typer.Exit"),
}
"""What ends a program on purpose, as :func:`names` calls it."""
USAGE = {"argparse.ArgumentError", "click.ClickException", "typer.ClickException"}
"""What a program only has to show, as click does: above all that the user has mistyped."""


def names(kind: type) -> set[str]:
    """Return the names of an exception type and of its bases, so that nothing is imported for them.

    >>> sorted(names(KeyError))[-2:]
    ['builtins.LookupError', 'builtins.object']
    """
    return {f"{each.__module__.partition('.')[0]}.{each.__name__}" for each in kind.__mro__}


def pass_on(record: Record | None, error: object, where: str) -> None:
    """Hand an exception to *record*, unless it is no crash; never raises."""
    kind = type(error)
    if record is None or not issubclass(kind, BaseException):
        return
    # Whatever fails here must not replace the traceback that the user is about to see.
    with suppress(Exception):
        if not names(kind) & (ENDS | USAGE):
            record(error, where)  # type: ignore[arg-type]


def is_the_programs(error: Exception) -> bool:
    """Tell whether a signal handler of the program has raised this, in the midst of our code.

    As a time-out by SIGALRM does. What we call ourselves is ours or the standard library's.
    """
    trace = error.__traceback__
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__")).partition(".")[0]
        if module != "cecli" and module not in sys.stdlib_module_names:
            return True
        trace = trace.tb_next
    return False
