"""The least that ten events in a file can cost: a JSON encoding and a write for each."""

import json
import os
import sys

file = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
for number in range(10):
    properties = {"prompt_tokens": number, "main_model": "gpt-4o", "outcome": "stop"}
    os.write(file, json.dumps({"event": "message_send", "properties": properties}).encode() + b"\n")
