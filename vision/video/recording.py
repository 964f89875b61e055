"""A video file."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from vision.errors import VisionError
from vision.video.capture import quiet_capture
from vision.video.container import missing_bytes
from vision.video.frames import Frames, Pace, VideoFrame
from vision.video.stamp import stamp_in_name

# Endings, because FFmpeg also takes subtitles and plain text for moving pictures.
ENDINGS = (
    ".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".ts", ".mts", ".m2ts", ".mpg", ".mpeg", ".wmv", ".asf", ".flv",
    ".3gp", ".dav", ".h264", ".264", ".h265", ".265", ".hevc", ".mjpg", ".mjpeg",
)  # fmt: skip
_DECODING_THREADS = 1  # the network needs the cores more
_MOST_BROKEN_IN_A_ROW = 500  # twenty seconds of a usual camera
_LONGEST_S = 10 * 365 * 86400.0  # a container that promises more than this does not know its length


class RecordingFrames(Frames):
    """The frames of one video file, in order, on one decoding thread.

    fps: overrules the file's own times. zone: for a stamp in the file's name that names none; taken_at is that stamp
    plus at_s. Raises VisionError when the file is missing, empty, no video, or cut off so that nothing can be read;
    a file that stops midway hands out what it has, and ends as 'cut off'.
    """

    def __init__(self, path: Path, *, fps: float | None, every_s: float | None, zone: tzinfo) -> None:
        self._path, self._lacking = path, _checked(path)
        self._capture = _opened(path, self._lacking)
        own_fps = _sane(self._capture.get(cv2.CAP_PROP_FPS), 1000)
        super().__init__(str(path), _promised(self._capture))
        self._fps, self._own_fps = fps, own_fps or 25.0
        self._start: datetime | None = stamp_in_name(path.name, zone)
        self._pace, self._index, self._at_s, self._first_s = Pace(every_s), 0, 0.0, 0.0
        if not self._grab():
            self._capture.release()
            raise VisionError(f"{path}: not one frame can be decoded: {_advice(self._lacking)}")
        self._first_waits = True

    def _next(self) -> VideoFrame | None:
        while self._first_waits or self._grab():
            self._first_waits = False
            index, at_s = self._step()
            if not self._pace.due(at_s):
                self._passed_over += 1
                continue
            good, image = self._capture.retrieve()
            if good:
                taken_at = self._start and self._start + timedelta(seconds=at_s)
                return VideoFrame(index, at_s, taken_at, np.asarray(image, np.uint8))
            self._broken += 1
            self._fault(f"frame {index}: cannot be decoded")
        self._judge_end()
        return None

    def _grab(self) -> bool:
        """Go to the next frame that can be decoded; False at the end. OpenCV says the same to both, so ask again."""
        for attempt in range(_MOST_BROKEN_IN_A_ROW):
            if self._capture.grab():
                if attempt:
                    self._fault(f"frames {self._index} to {self._index + attempt - 1}: cannot be decoded")
                self._index += attempt
                self._broken += attempt
                return True
        return False

    def _step(self) -> tuple[int, float]:
        """Number and time of the frame just grabbed. A file's clock may jump back where two recordings were joined."""
        index, self._index = self._index, self._index + 1
        if self._fps is not None:
            return index, index / self._fps
        at_s = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        if index == 0:
            self._first_s = at_s
        elif not (at_s - self._first_s > self._at_s):
            self._first_s = at_s - self._at_s - 1 / self._own_fps
        self._at_s = at_s - self._first_s
        return index, self._at_s

    def _judge_end(self) -> None:
        seen = self._index
        if self._lacking:
            self._fault(f"the file lacks {self._lacking} of the bytes it promises; it ends after frame {seen - 1}")
            self._finish("cut off")
        elif self._promised is not None and self._promised - seen > max(2, self._promised // 50):
            # Some containers only estimate, so a frame or two is nothing to report.
            self._broken += self._promised - seen
            self._fault(f"{self._promised} frames promised, {seen} could be decoded")

    def _release(self) -> None:
        self._capture.release()


def _checked(path: Path) -> int:
    """Bytes that are missing at its end; VisionError when there is no use in opening it."""
    if path.suffix.lower() not in ENDINGS and path.is_file():
        raise VisionError(f"{path} is no video by its name: give one of {', '.join(ENDINGS)}, or a folder of frames")
    try:
        if path.stat().st_size == 0:
            raise VisionError(f"{path} is empty: fetch it again")
        return missing_bytes(path)
    except OSError as error:
        raise VisionError(
            f"{path} cannot be read ({error.strerror}): name a video file, a folder of frames or an rtsp:// address"
        ) from error


def _opened(path: Path, lacking: int) -> Any:
    capture = quiet_capture(str(path), cv2.CAP_PROP_N_THREADS, _DECODING_THREADS)
    if not capture.isOpened():
        raise VisionError(f"{path} cannot be opened as a video: {_advice(lacking)}")
    return capture


def _advice(lacking: int) -> str:
    if lacking:
        return (
            f"it was cut off, {lacking} of the bytes it promises are missing, and with them what is needed to read the "
            "rest. Fetch it again; let the camera record Matroska (.mkv), which can be read as far as it goes"
        )
    return "it is damaged, unfinished or something else. Play it elsewhere to check, and save it as .mp4 or .mkv"


def _promised(capture: Any) -> int | None:
    most = _LONGEST_S * (_sane(capture.get(cv2.CAP_PROP_FPS), 1000) or 25)
    count = _sane(capture.get(cv2.CAP_PROP_FRAME_COUNT), most)
    return None if count is None else int(count)


def _sane(number: float, most: float) -> float | None:
    return number if 0 < number <= most else None
