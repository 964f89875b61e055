"""Whether what a count rests on is whole. Pure."""
