"""The programs that are timed; each can be run by hand, with the source tree on its path."""
