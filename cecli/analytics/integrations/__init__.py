"""Ties to other libraries, each loaded only by a program that uses that library."""
