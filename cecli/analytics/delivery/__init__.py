"""Delivery of events that wait in the spool, in a process of its own."""
