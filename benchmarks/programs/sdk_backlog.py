"""Many events at once with the raw PostHog SDK, in a queue that holds them all, and flushed."""

import json
import sys

from posthog import Posthog

from benchmarks.programs.usage import note

path, host, events = sys.argv[1:4]
properties = json.loads(sys.argv[4])
client = Posthog("phc_benchmark", host=host, max_queue_size=int(events) + 1)
for _ in range(int(events)):
    client.capture("message_send", distinct_id="someone", properties=dict(properties))
client.shutdown()
note(path)
