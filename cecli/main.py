"""The commands: ``cecli``, a session from its options to its exit, and ``cecli-analytics``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import partial

from cecli import TYPE_CHECKING, analytics
from cecli.messages import CantShow, show, shown
from cecli.sessions.parser import SessionParser

if TYPE_CHECKING:
    from cecli.analytics import Analytics, Catalogue

NO_LOG = "none; --analytics-log FILE writes one"
INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it: 128 and the number of SIGINT."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run cecli with the given arguments, ``sys.argv``'s by default; return its exit code."""
    argv = list(sys.argv[1:] if argv is None else argv)
    _occupy_standard_numbers()
    parser = SessionParser()
    analytics.add_arguments(parser)
    args, rest = parser.parse_known_args(argv)  # --version ends here
    run: Callable[[Analytics], tuple[int, str]] = show_status
    catalogue: Catalogue | None = None
    if args.analytics_disable:
        pass  # heeded whatever else is said: resolve ends the program
    elif parser.add_session_options():
        from cecli.sessions import aider_events, aider_session

        args = parser.parse_args(argv)
        words = parser.words_for_session(rest)
        run = partial(aider_session.run, argv=words, settings=parser.session_settings())
        catalogue = aider_events.catalogue()
    else:
        parser.refuse_session(rest)
    with analytics.resolve(args, parser, catalogue=catalogue) as recorder:
        recorder.event("launched")
        reason = "crash"
        try:
            code, reason = run(recorder)
        except KeyboardInterrupt:
            code, reason = INTERRUPTED, "interrupted"
        finally:
            recorder.event("exit", reason=reason)
    return code


def inspect(argv: Sequence[str] | None = None) -> int:
    """Run ``cecli-analytics``, which shows what can be recorded in any session of cecli."""
    from cecli.args import ArgumentParser

    parser = ArgumentParser()
    analytics.add_arguments(parser)
    return analytics.inspect(parser, catalogue=_declared, argv=argv)


def _declared() -> Catalogue:
    from cecli.sessions import aider_events

    return aider_events.catalogue()


def show_status(recorder: Analytics) -> tuple[int, str]:
    """Stand in for a session where none is installed: show what analytics does."""
    try:
        show(describe(recorder) + "\n", sys.stdout)
    except CantShow as error:
        return error.tell("cecli"), "completed"
    return 0, "completed"


def _occupy_standard_numbers() -> None:
    """Open the standard descriptors that are closed, or the log could get one's number.

    What a library writes to that number would end up in the log.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)


def describe(recorder: Analytics) -> str:
    """Return in a few lines what analytics does, why, and how to change it."""
    status = recorder.status
    return "\n".join(
        (
            f"analytics  {status.state}: {status.reason}",
            f"log        {shown(status.log) if status.log else NO_LOG}",
            f"consent    {shown(status.consent) if status.consent else 'nowhere'}",
            f"events to  {status.events_to}",
            "change it  cecli --analytics | --no-analytics | --analytics-disable",
        )
    )


if __name__ == "__main__":
    sys.exit(main())
