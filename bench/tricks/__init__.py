"""Honest and manipulated camera footage made from real pictures, and how the checks of vision.camera fare on it."""
