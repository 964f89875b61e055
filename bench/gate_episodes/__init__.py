"""Animals passing a gate, box by box, with exact truth: what a detector would have reported, faults included."""
