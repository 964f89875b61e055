"""Keeps every camera's watch in the state folder: soon after it is first known, then now and then, and at the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from collateral.ops.logs import logger
from vision.camera.glance import glance_at
from vision.camera.habits import Habits
from vision.camera.watch import CameraWatch
from vision.detector import Image
from vision.errors import VisionError
from vision.state.envelope import Fault, Unusable
from vision.state.folder import StateFolder
from vision.state.watch_file import KIND, recalled, remembered

EVERY_S = 600.0
"""A view moves by two thirds in so long [I]; a camera with a full memory then writes 5 KB a second."""
ACCEPT = "accept"
_AHEAD = timedelta(minutes=5)  # hysteresis waits for what is further in the future than clocks are apart


@dataclass(slots=True)
class WatchKeeper:
    """Fulfils `vision.camera.remembering.Remembering`. Nothing that goes wrong here stops the counting."""

    folder: StateFolder
    habits: Habits
    now: Callable[[], datetime]
    every_s: float = EVERY_S
    monotonic: Callable[[], float] = time.monotonic
    _kept_s: dict[str, float] = field(default_factory=dict)
    _changed: dict[str, CameraWatch] = field(default_factory=dict)

    def recall(self, camera: str, image: Image) -> CameraWatch | None:
        """What the folder knows; what it has that cannot be used is put aside, and learning starts anew."""
        try:
            content = self.folder.read(camera, KIND)
            if content is None:
                return None
            watch = recalled(content, self.habits)
            self._must_fit(watch, image)
        except Unusable as error:
            logger().warning("camera_learnt_anew", camera=camera, fault=error.fault, reason=str(error))
            self.folder.put_aside(camera, KIND, error.fault)
            return None
        self._kept_s[camera] = self.monotonic()
        logger().info("camera_recalled", camera=camera, pictures=watch.pictures, since=watch.now.isoformat())
        return watch

    def accepted(self, camera: str) -> bool:
        """Whether `python -m vision accept` was said for this camera."""
        try:
            taken = self.folder.take(camera, ACCEPT)
        except VisionError as error:
            logger().warning("view_not_accepted", camera=camera, reason=str(error))
            return False
        if taken:
            self._kept_s.pop(camera, None)  # the new view is kept as soon as it is known
            logger().warning("view_accepted", camera=camera)
        return taken

    def seen(self, camera: str, watch: CameraWatch) -> None:
        """Keep the watch when it is time to."""
        if not _known(watch):
            return
        self._changed[camera] = watch
        kept_s = self._kept_s.get(camera)
        if kept_s is None or self.monotonic() - kept_s >= self.every_s:
            self._keep(camera, watch)

    def left_out(self, camera: str) -> None:
        """Keep what has changed of a camera that is held no longer."""
        if camera in self._changed:
            self._keep(camera, self._changed[camera])
        self._changed.pop(camera, None)
        self._kept_s.pop(camera, None)

    def keep_all(self) -> None:
        """Keep what has changed since it was kept: at the end."""
        for camera, watch in list(self._changed.items()):
            self._keep(camera, watch)

    def _keep(self, camera: str, watch: CameraWatch) -> None:
        # Also where it fails: a full disk must not be tried again with every picture.
        self._kept_s[camera] = self.monotonic()
        try:
            self.folder.write(camera, KIND, remembered(watch))
        except VisionError as error:
            logger().error("state_not_kept", camera=camera, reason=str(error))
            return
        self._changed.pop(camera, None)

    def _must_fit(self, watch: CameraWatch, image: Image) -> None:
        if watch.now > self.now() + _AHEAD:
            raise Unusable(Fault.FUTURE, f"it was kept at {watch.now.isoformat()}, which is yet to come")
        try:
            shape = glance_at(image).outline.shape
        except VisionError as error:
            raise Unusable(Fault.OTHER_SIZE, f"the camera now sends too little: {error}") from error
        known = {view.outline.shape for view in watch.view.views.values()}
        if shape not in known:
            says = f"the camera now sends {image.shape[1]}x{image.shape[0]} pixels, no view of it is of that size"
            raise Unusable(Fault.OTHER_SIZE, says)


def _known(watch: CameraWatch) -> bool:
    return any(view.ready for view in watch.view.views.values())
