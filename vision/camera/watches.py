"""All the cameras that one program counts for, each under its own watch."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime

from vision.camera.finding import CameraFinding
from vision.camera.habits import Habits
from vision.camera.remembering import Forgetting, Remembering
from vision.camera.watch import CameraWatch
from vision.detector import Image
from vision.errors import VisionError

MOST_CAMERAS = 200
STILLS = Habits(memory=1440)
"""For cameras that send stills: a day of one a minute is remembered, 6 MB a camera."""


@dataclass(slots=True)
class _Watched:
    watch: CameraWatch
    sequence: int = -1
    findings: list[CameraFinding] = field(default_factory=list)


@dataclass(slots=True)
class Watches:
    """Findings per camera. At most `most` cameras are held; the one not heard of for longest is left to `memory`."""

    habits: Habits = STILLS
    most: int = MOST_CAMERAS
    memory: Remembering = field(default_factory=Forgetting)
    _cameras: OrderedDict[str, _Watched] = field(default_factory=OrderedDict)

    def look(self, camera: str, sequence: int, image: Image, taken: datetime, arrived: datetime) -> list[CameraFinding]:
        """What is wrong with `camera` after this picture, (H,W,3) BGR uint8.

        A frame that comes again, or late after newer ones, shows its camera as it was: it changes no suspicion. Told
        by `sequence`, since a wrong clock must not hide behind its own wrong times.
        """
        watched = self._watched(camera, image)
        if sequence > watched.sequence:
            watched.sequence = sequence
            if self.memory.accepted(camera):
                watched.watch.accept_view()
            watched.findings = _judged(watched.watch, image, taken, arrived)
            self.memory.seen(camera, watched.watch)
        return watched.findings

    def _watched(self, camera: str, image: Image) -> _Watched:
        watched = self._cameras.get(camera)
        if watched is None:
            watched = _Watched(self.memory.recall(camera, image) or CameraWatch(self.habits))
            self._cameras[camera] = watched
        self._cameras.move_to_end(camera)
        if len(self._cameras) > self.most:
            left, _ = self._cameras.popitem(last=False)
            self.memory.left_out(left)
        return watched


def _judged(watch: CameraWatch, image: Image, taken: datetime, arrived: datetime) -> list[CameraFinding]:
    try:
        return watch.look(image, taken, arrived)
    except VisionError:  # too small a picture to judge its camera by; it may still be counted
        return []
