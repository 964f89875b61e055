"""OpenCV's reader of moving pictures, without what it prints on its own."""

from __future__ import annotations

import os
from typing import Any

import cv2

# What FFmpeg prints on standard error may hold an address with its password; what matters is told by us.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")


def quiet_capture(where: str, *settings: float) -> Any:
    """A `cv2.VideoCapture` through FFmpeg, opened or not. settings: property, value, property, value, ..."""
    before = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        return cv2.VideoCapture(where, cv2.CAP_FFMPEG, [int(setting) for setting in settings])
    finally:
        cv2.utils.logging.setLogLevel(before)
