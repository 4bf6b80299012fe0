"""What waits to be delivered, in files."""
