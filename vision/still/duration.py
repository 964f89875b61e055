"""Lengths of time as people write them: 15s, 2m, 1h."""

from __future__ import annotations

import re

from vision.errors import VisionError

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


def seconds_of(text: str) -> float:
    """Seconds of "15s", "2m", "0.5h" or "15"; VisionError for anything else, and for nothing."""
    told = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smh]?)\s*", text.lower())
    if told is None or float(told[1]) == 0:
        raise VisionError(f"cannot read the length of time {text!r}: write 15s, 2m or 1h")
    return float(told[1]) * _UNITS[told[2]]
