"""The command `cecli-analytics status`."""

from cecli.main import inspect

inspect(["status"])
