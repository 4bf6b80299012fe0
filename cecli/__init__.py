"""cecli: a coding assistant for the command line, with usage analytics that can be trusted."""

__version__ = "0.1.0"
