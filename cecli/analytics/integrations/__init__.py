"""Recorders of what other libraries do, each loaded only by a host that uses that library."""
