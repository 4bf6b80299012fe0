"""A program that captures ten events with the raw PostHog SDK, as its documentation tells."""

from benchmarks.programs import parser

args = parser.with_options().parse_args()

from posthog import Posthog  # noqa: E402 - after --version and mistakes have ended the program

client = Posthog("phc_benchmark", host=args.analytics_posthog_host)
for number in range(10):
    client.capture("message_send", distinct_id="someone", properties=parser.message(number))
client.shutdown()
