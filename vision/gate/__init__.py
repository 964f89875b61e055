"""Counting at a gate: boxes over time -> tracklets -> trajectories -> crossings, in, out and what is doubtful."""
