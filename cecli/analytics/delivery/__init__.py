"""What brings events from the spool to PostHog; mostly in a process of its own."""
