"""Frames to head counts, each with an interval and the reason when there is none."""
