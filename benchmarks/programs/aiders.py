"""A program that records ten events with aider's own analytics class, pointed at this machine.

Before the class is made, the names of aider's host and key hold others, and the class is given
this machine as its host. `benchmarks/guard` would end the program if it tried another.
"""

from types import SimpleNamespace
from typing import Any

from aider import analytics as aider

from benchmarks.programs import parser

aider.posthog_host, aider.posthog_project_api_key = "http://127.0.0.1:9", "phc_benchmark"

MODEL: Any = SimpleNamespace(name="gpt-4o", weak_model=None, editor_model=None)


def agreed(host: str, logfile: str | None = None) -> Any:
    """Return aider's analytics, switched on, for a user whose home holds a yes."""
    made = aider.Analytics(logfile, posthog_host=host, posthog_project_api_key="phc_benchmark")
    assert made.asked_opt_in, "the home holds no yes to aider"
    made.enable()
    assert made.ph and made.ph.host.startswith("http://127.0.0.1:"), made.ph
    return made


if __name__ == "__main__":
    args = parser.with_options().parse_args()
    analytics = agreed(args.analytics_posthog_host)
    for number in range(10):
        analytics.event("message_send", MODEL, prompt_tokens=number, outcome="stop")
