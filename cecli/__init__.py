"""cecli, a coding assistant for the command line: its options and its usage analytics."""

__version__ = "0.9.0"

TYPE_CHECKING = False
"""Guards the imports that annotations alone need, in what a session loads.

To import typing's own takes 2 ms of every session; type checkers know the name.
"""
