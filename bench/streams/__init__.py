"""Streams of many kinds with known anomalies, the scoring they are judged by, and other detectors to compare with."""
