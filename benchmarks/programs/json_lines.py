"""A loop of `json.loads` over the lines of a file."""

import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    for line in file:
        json.loads(line)
