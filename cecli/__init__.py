"""cecli, a coding assistant for the command line: its options and its usage analytics."""

__version__ = "0.9.0"

TYPE_CHECKING = False
"""Guards the imports that annotations alone need, on the way to ``cecli --version``.

To import typing's own takes 2 ms, a twentieth of the whole; type checkers know the name.
"""
