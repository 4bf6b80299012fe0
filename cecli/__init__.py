"""cecli, a coding assistant for the command line: its options and its usage analytics."""

__version__ = "0.1.0"
