"""The shared core: what a pledged herd is, how it is watched, and what is decided about it."""
