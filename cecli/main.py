"""The ``cecli`` command: a session from its options to its exit."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import partial

from cecli import TYPE_CHECKING, analytics
from cecli import sessions as hosts
from cecli.args import ArgumentParser, harmless, make_parser, unknown_options
from cecli.messages import output, shown

if TYPE_CHECKING:
    from cecli.analytics import Analytics, Catalogue

NO_LOG = "none; --analytics-log FILE writes one"
INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it: 128 and the number of SIGINT."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run cecli with the given arguments, ``sys.argv``'s by default; return its exit code."""
    argv = list(sys.argv[1:] if argv is None else argv)
    _occupy_standard_numbers()
    parser = make_parser()
    analytics.add_arguments(parser)
    parser.before_help = lambda: _add_session_options(parser)
    args, rest = parser.parse_known_args(argv)  # --version ends here
    run: Callable[[Analytics], tuple[int, str]] = show_state
    catalogue: Catalogue | None = None
    if args.analytics_disable:
        pass  # heeded whatever else is said: resolve ends the program
    elif _add_session_options(parser):
        from cecli.sessions import aider_events, aider_options, aider_session

        args = parser.parse_args(argv)
        run = partial(aider_session.run, argv=rest, settings=aider_options.settings(parser))
        catalogue = aider_events.catalogue()
        aider_options.note_sources(parser)
    else:
        _refuse_session(parser, rest)
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
    from cecli.analytics.inspection import verbs
    from cecli.sessions import aider_events

    return verbs.main(argv, declared=aider_events.catalogue)


def show_state(recorder: Analytics) -> tuple[int, str]:
    """Stand in for a session where none is installed: show what analytics does."""
    return output(describe(recorder) + "\n", "cecli"), "completed"


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
            f"events to  {status.destination}",
            "change it  cecli --analytics | --no-analytics | --analytics-disable",
        )
    )


def _add_session_options(parser: ArgumentParser) -> bool:
    """Add the options of a coding session; return whether one is installed."""
    if not hosts.is_installed():
        parser.hint = f"; a coding session has more: {hosts.EXTRA}"
        return False
    from cecli.sessions import aider_options

    try:
        aider_options.add_options(parser)
    except aider_options.UnknownVersion as error:
        parser.exit(1, f"{parser.prog}: {error}\n")
    return True


def _refuse_session(parser: ArgumentParser, rest: Sequence[str]) -> None:
    """Stop at what only a session understands, after one sentence; a value may be a secret."""
    parser.fail_for_keys()
    unknown = unknown_options(rest)
    if any("did you mean" in parser.nearest(word) for word in unknown):
        parser.fail_for_words(rest)
    files = [harmless(word) for word in rest if word != "--"]
    if first := (unknown + files)[:1]:
        parser.fail([f"{first[0]} is for a coding session; to have one: {hosts.EXTRA}"])


if __name__ == "__main__":
    sys.exit(main())
