"""The verb ``view``: logs read, summed up, and shown: in the terminal, as JSON, as a page."""
