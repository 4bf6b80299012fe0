"""A fleet on paper: the rules of delivery, driven by a simulated clock, for many machines."""
