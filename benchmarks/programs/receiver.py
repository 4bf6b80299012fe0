"""A receiver on this machine; says its URL and answers as its first argument says."""

import sys

from cecli.analytics.inspection.receiver import Receiver

receiver = Receiver(mode=sys.argv[1])
receiver.start()
print(receiver.url, flush=True)
receiver.wait()
