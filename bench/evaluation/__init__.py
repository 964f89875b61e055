"""Simulated scenarios with ground truth, played through the real rules and the real desk."""
