"""What was said, by whom, and what holds."""
