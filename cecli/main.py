"""The ``cecli`` command: a session from its options to its exit."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from cecli import analytics
from cecli.args import make_parser

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it: 128 and the number of SIGINT."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run cecli with the given arguments, ``sys.argv``'s by default; return its exit code."""
    parser = make_parser()
    analytics.add_arguments(parser)
    args = parser.parse_args(argv)
    with analytics.resolve(args, parser) as recorder:
        recorder.event("launched")
        reason = "crash"
        try:
            run_session(recorder)
            reason = "completed"
        except KeyboardInterrupt:
            reason = "interrupted"
            return INTERRUPTED
        finally:
            recorder.event("exit", reason=reason)
    return 0


def run_session(recorder: analytics.Analytics) -> None:
    """Run the session; until a coding session is installed, show what analytics does."""
    print(describe(recorder))


def describe(recorder: analytics.Analytics) -> str:
    """Return in a few lines what analytics does, why, and how to change it."""
    status = recorder.status
    return "\n".join(
        (
            f"analytics  {status.state}: {status.reason}",
            f"log        {status.log or 'none; --analytics-log FILE writes one'}",
            f"consent    {status.consent or 'nowhere'}",
            f"events to  {status.destination}",
            "change it  cecli --analytics | --no-analytics | --analytics-disable",
        )
    )


if __name__ == "__main__":
    sys.exit(main())
