"""What the animals are worth, what of it counts, how much may be lent on it, and where that is heading. Pure."""
