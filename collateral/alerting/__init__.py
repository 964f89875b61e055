"""The life of a case: lifecycle, grouping, inhibition, routing. Pure."""
