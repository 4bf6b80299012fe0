"""What the recorder sees of the program that runs: its features in use, and its crashes."""
