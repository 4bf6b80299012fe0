"""A program with cecli's analytics that records ten events."""

import sys

from benchmarks.programs import parser
from cecli.analytics import Program, add_arguments, resolve

# Named as cecli is, so that the homes of the benchmarks are its own; with a key, as in a release.
program = Program("cecli", "https://example.com/analytics", "1.0", "phc_benchmark")
made = parser.bare()
add_arguments(made, program)
analytics = resolve(made.parse_args(), made)
assert (analytics.status.state == "on") == ("--no-analytics" not in sys.argv), analytics.status
for number in range(10):
    analytics.event("message_send", **parser.message(number))
