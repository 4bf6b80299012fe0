"""Many events at once with cecli, recorded in a queue that holds them all, and delivered."""

import os
import sys

from benchmarks import recorder
from benchmarks.programs.deliver import deliver
from benchmarks.programs.usage import note
from cecli.analytics.consent.file import ConsentFile
from cecli.analytics.destination import Destination
from cecli.analytics.paths import Paths

path, host, events = sys.argv[1], sys.argv[2], int(sys.argv[3])
paths = Paths(os.environ["HOME"])
user_id = ConsentFile(paths).load().uuid
assert user_id
destination = Destination(host, "phc_benchmark", is_own_key=True)
made = recorder.queueing(paths.spool, destination, user_id=user_id)
for _ in range(events):
    made.event("message_send", **recorder.MESSAGE)
made.close()
deliver(events)
note(path)
