"""One way in: which kind of source a name means."""

from __future__ import annotations

import math
from datetime import UTC, tzinfo
from pathlib import Path

from vision.errors import VisionError
from vision.video.address import is_address
from vision.video.folder import FolderFrames
from vision.video.frames import Frames
from vision.video.live import LiveFrames, Patience
from vision.video.recording import RecordingFrames


def open_frames(
    where: str | Path,
    fps: float | None = None,
    every_s: float | None = None,
    *,
    zone: tzinfo = UTC,
    patience: Patience | None = None,
) -> Frames:
    """Frames of a video file, of a folder of pictures, or of a live camera (`rtsp://...`).

    fps: frames a second; needed for a folder whose frames carry no time, overrules what a file says.
    every_s: hand out one frame every so many seconds and pass over the rest.
    zone: the time zone of stamps in file names and EXIF that name none.
    patience: how long to wait for a live camera, and how often to try again.
    Raises VisionError when there is nothing there that can be read; what breaks later is told in the report.
    """
    for name, number in (("fps", fps), ("every_s", every_s)):
        if number is not None and not (math.isfinite(number) and number > 0):
            raise VisionError(f"{name} is {number}: give a number above 0, or leave it out")
    if isinstance(where, str) and is_address(where):
        return LiveFrames(where, every_s=every_s, patience=patience or Patience())
    path = Path(where)
    if path.is_dir():
        return FolderFrames(path, fps=fps, every_s=every_s, zone=zone)
    return RecordingFrames(path, fps=fps, every_s=every_s, zone=zone)
