"""A herd in a box: simulated tags, gateways and cameras, with ground truth."""
