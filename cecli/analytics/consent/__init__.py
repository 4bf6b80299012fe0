"""Whether to ask, and the answer."""
