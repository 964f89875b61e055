"""The early-warning score of a loan, 3+N+X: three general models, a pack per species, thresholds per bank. Pure."""
