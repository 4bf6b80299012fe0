"""The command `cecli-analytics view`."""

import sys

from cecli.main import inspect

sys.exit(inspect(["view", sys.argv[1]]))
