"""Recorders of what other libraries do, each loaded only by a program that uses that library."""
