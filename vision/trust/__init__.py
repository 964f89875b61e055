"""What makes a count trustworthy, in numbers: chances of boxes, conformal bands, a watch on sliding scores."""
