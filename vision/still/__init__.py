"""Counts from still pictures: wide views in tiles, a closer look at small animals, pens, consensus over a window."""
