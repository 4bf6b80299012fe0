"""What cecli costs; run by `make bench`."""
