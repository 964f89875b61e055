"""Herds for the sweep: facts of whole farms, made by the column."""
