"""What can leave."""
