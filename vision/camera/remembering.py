"""What a program that watches cameras may do beside: bring back what it knew of one, and keep what it knows now."""

from __future__ import annotations

from typing import Protocol

from vision.camera.watch import CameraWatch
from vision.detector import Image


class Remembering(Protocol):
    """Where watches are kept while no program runs."""

    def recall(self, camera: str, image: Image) -> CameraWatch | None:
        """What is known of this camera, which sends such pictures, (H,W,3) BGR uint8; None when nothing is."""
        ...

    def accepted(self, camera: str) -> bool:
        """Whether somebody has said since the last picture that this camera's view is right as it is now."""
        ...

    def seen(self, camera: str, watch: CameraWatch) -> None:
        """The watch has looked at one more picture."""
        ...

    def left_out(self, camera: str) -> None:
        """The camera's watch is held no longer: too many others were heard of since."""
        ...


class Forgetting:
    """Keeps nothing: each start of the program begins anew."""

    def recall(self, camera: str, image: Image) -> CameraWatch | None:  # noqa: ARG002
        return None

    def accepted(self, camera: str) -> bool:  # noqa: ARG002
        return False

    def seen(self, camera: str, watch: CameraWatch) -> None:
        """Not kept."""

    def left_out(self, camera: str) -> None:
        """Gone."""
