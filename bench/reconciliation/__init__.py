"""Herds of which the truth is known, for the reconciliation alone."""
