"""A live camera over RTSP: newest frames first, bounded waits, and back again when it was away."""

from __future__ import annotations

import queue
import socket
import threading
import time
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from collateral.ops import clock
from vision.errors import VisionError
from vision.video.address import host_and_port, shown
from vision.video.capture import quiet_capture
from vision.video.frames import End, Frames, Pace, VideoFrame


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a live camera.

    connect_s: for its first answer. silence_s: for the next frame. retries: how often in a row to try again after it
    went away, first after `pause_s`, then twice as long each time, at most `longest_pause_s`.
    waiting: frames kept for a reader that is slower than the camera; the oldest give way.
    """

    connect_s: float = 10.0
    silence_s: float = 10.0
    retries: int = 6
    pause_s: float = 1.0
    longest_pause_s: float = 30.0
    waiting: int = 4


class LiveFrames(Frames):
    """Frames as a camera sends them; at_s and taken_at are those of their arrival.

    A thread of its own reads on, so that a slow reader sees fresh frames: what it could not take is `passed_over`.
    Raises VisionError when the camera cannot be reached at the start. Later it is tried again as `patience` says, and
    then the frames end as 'lost'.
    """

    def __init__(self, address: str, *, every_s: float | None, patience: Patience) -> None:
        super().__init__(shown(address))
        self._address, self._patience, self._pace = address, patience, Pace(every_s)
        self._index, self._started = 0, time.monotonic()
        self._waiting: queue.Queue[VideoFrame | None] = queue.Queue()
        self._stop = threading.Event()
        self._end: End = "lost"
        capture = self._connect()
        self._thread = threading.Thread(target=self._read_on, args=(capture,), name="live-camera", daemon=True)
        self._thread.start()

    def _next(self) -> VideoFrame | None:
        frame = self._waiting.get()
        if frame is None:
            self._finish(self._end)
        return frame

    def _release(self) -> None:
        self._stop.set()
        self._thread.join(self._patience.connect_s + self._patience.silence_s)

    def _read_on(self, capture: Any) -> None:
        """The thread: frames until they stop coming, then another try, until patience or the reader ends it."""
        try:
            while capture is not None:
                self._take_frames(capture)
                capture.release()
                capture = self._reconnect()
        except Exception as error:  # noqa: BLE001 - a dead thread would leave the reader waiting for ever
            self._fault(f"reading stopped: {error}")
        self._waiting.put(None)

    def _take_frames(self, capture: Any) -> None:
        """From an open capture whose first frame is grabbed."""
        while True:
            index, self._index = self._index, self._index + 1
            at_s = time.monotonic() - self._started
            if self._pace.due(at_s):
                self._retrieve(capture, index, at_s)
            else:
                self._passed_over += 1
            if self._stop.is_set() or not capture.grab():
                return

    def _retrieve(self, capture: Any, index: int, at_s: float) -> None:
        good, image = capture.retrieve()
        if good:
            self._hand_over(VideoFrame(index, at_s, clock.now(), np.asarray(image, np.uint8)))
        else:
            self._broken += 1

    def _hand_over(self, frame: VideoFrame) -> None:
        while self._waiting.qsize() >= self._patience.waiting:
            try:
                self._waiting.get_nowait()
            except queue.Empty:  # the reader was quicker
                break
            self._passed_over += 1
        self._waiting.put(frame)

    def _reconnect(self) -> Any | None:
        pause = self._patience.pause_s
        for _ in range(self._patience.retries):
            if self._stop.wait(pause):
                return None
            try:
                capture = self._connect()
            except VisionError as error:
                self._fault(str(error))
                pause = min(2 * pause, self._patience.longest_pause_s)
                continue
            self._reconnects += 1
            return capture
        return None

    def _connect(self) -> Any:
        """An open capture, its first frame grabbed. VisionError says which step failed, within bounded time."""
        self._knock()
        capture = quiet_capture(
            self._address,
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
            self._patience.connect_s * 1000,
            cv2.CAP_PROP_READ_TIMEOUT_MSEC,
            self._patience.silence_s * 1000,
            cv2.CAP_PROP_N_THREADS,
            1,
        )
        if not capture.isOpened():
            raise VisionError(
                f"{self._source} answers but gives no video within {self._patience.connect_s:g} s: check its path, "
                "user and password in the camera's settings"
            )
        if not capture.grab():
            capture.release()
            raise VisionError(
                f"{self._source} plays but sends no frame within {self._patience.silence_s:g} s: restart the camera"
            )
        return capture

    def _knock(self) -> None:
        """Try the port first: OpenCV says only that it failed."""
        host, port = host_and_port(self._address)
        try:
            socket.create_connection((host, port), self._patience.connect_s).close()
        except socket.gaierror as error:
            raise VisionError(f"{self._source}: there is no machine named {host}: check the address") from error
        except TimeoutError as error:
            raise VisionError(
                f"{self._source} does not answer within {self._patience.connect_s:g} s: check its power and the link"
            ) from error
        except OSError as error:
            raise VisionError(
                f"{self._source} refuses ({error.strerror}): check the port, and that RTSP is switched on"
            ) from error
