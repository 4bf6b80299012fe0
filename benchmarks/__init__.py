"""What cecli costs beside what else there is, on this machine; a fleet is simulated apart."""
