"""A detector that answers from a list: for tests, and for counting again what was once detected."""

from __future__ import annotations

from collections.abc import Iterable

from vision.detector import Boxes, Image
from vision.errors import VisionError


class ReplayDetector:
    """Gives the stored answers in order, one per picture; VisionError when they have run out."""

    def __init__(self, answers: Iterable[Boxes], version: str = "replay") -> None:
        self._answers, self._version = iter(answers), version

    @property
    def version(self) -> str:
        return self._version

    def detect(self, image: Image) -> Boxes:  # noqa: ARG002 - the protocol's signature
        """The next stored answer, whatever the picture."""
        try:
            return next(self._answers)
        except StopIteration as error:
            raise VisionError("the stored detections have run out: store one per picture") from error
