"""The anomaly engine: pure functions from facts to findings."""
