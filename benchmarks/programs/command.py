"""The command `cecli`."""

import sys

from cecli.main import main

sys.exit(main())
