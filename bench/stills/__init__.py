"""Head counts of stills, ours and other people's, by the same measure."""
