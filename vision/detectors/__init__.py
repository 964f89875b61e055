"""Detectors: one protocol (`vision.detector.Detector`), several engines."""
