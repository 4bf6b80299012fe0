"""What cecli costs beside what else there is; `make bench` runs it all, on this machine alone."""
