"""Two networks over the same labelled pictures, in turn, so that a busy machine slows both alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from vision.detector import Boxes, Detector, Image
from vision.evaluation import Examined, examine_picture
from vision.manifest import SceneTrust
from vision.truth import Truth


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What one network saw in one picture. boxes: of animals, best first, as in `examined`."""

    examined: Examined
    boxes: Boxes

    def counted(self, trust: SceneTrust) -> int:
        """Whole head, as the program counts it."""
        return self.examined.counted_by(trust)

    def right(self, trust: SceneTrust) -> int:
        """Animals that the counted boxes found."""
        return self.examined.right_of(self.counted(trust))[1]


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """One labelled picture seen by both. true: its head; trust: how it is counted, by either."""

    name: str
    true: int
    trust: SceneTrust
    first: Seen
    second: Seen


class _Remembering:
    """A detector whose last boxes can be asked for."""

    def __init__(self, detector: Detector) -> None:
        self._detector, self.last = detector, Boxes.empty()

    @property
    def version(self) -> str:
        return self._detector.version

    def detect(self, image: Image) -> Boxes:
        found = self._detector.detect(image)
        self.last = found[(-found.score).argsort(kind="stable")]
        return self.last


def compare(
    first: Detector,
    second: Detector,
    truths: Iterable[Truth],
    trust: Callable[[Truth], SceneTrust],
    advance: Callable[[], None] = lambda: None,
) -> list[Compared]:
    """Let both look at every picture, calling `advance` after each. Raises UnreadablePicture."""
    one, other = _Remembering(first), _Remembering(second)
    rows = []
    for truth in truths:
        rows.append(Compared(truth.path.name, truth.count, trust(truth), _look(one, truth), _look(other, truth)))
        advance()
    return rows


def _look(detector: _Remembering, truth: Truth) -> Seen:
    return Seen(examine_picture(detector, truth), detector.last.animals)
