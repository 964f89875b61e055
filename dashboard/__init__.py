"""What loan officers, risk staff and farms look at. Knows the system through HTTP alone."""
