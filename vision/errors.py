"""The one error base of this package."""

from __future__ import annotations


class VisionError(Exception):
    """Something about a picture, a model or a set cannot be used; the message says what to do."""
