"""From one `frame` message to one `count` message. Pure but for the counting itself."""

from __future__ import annotations

from datetime import datetime

from collateral.contract.messages import VERSION, CountMade, Frame, HeadRange
from vision.counter import Counter
from vision.counting import PictureCount
from vision.detector import CLASSES

METHOD = "camera-still"


def answer_frame(frame: Frame, counter: Counter, now: datetime) -> CountMade:
    """Count `frame`; `now` is when. A picture that cannot be decoded or seen gives count None and the reason."""
    species = frame.species if frame.species in CLASSES else None
    counted = counter.count_bytes(frame.jpeg, species=species, scene=frame.scene)
    return CountMade(
        v=VERSION,
        camera=frame.camera,
        gateway=frame.gateway,
        sequence=frame.sequence,
        captured_at=frame.captured_at,
        counted_at=now,
        frame_sha256=frame.sha256,
        count=_range(counted),
        unknown_because=counted.unknown_because,
        method=METHOD,
        model_version=counted.model_version,
        boxes=_boxes(counted),
        took_ms=round(counted.took_ms, 1),
        simulated=frame.simulated,
    )


def _range(counted: PictureCount) -> HeadRange | None:
    if counted.count is None:
        return None
    return HeadRange(low=counted.count.low, best=counted.count.best, high=counted.count.high)


def _boxes(counted: PictureCount) -> list[tuple[float, float, float, float, float]]:
    rows = zip(counted.boxes.xyxy.tolist(), counted.boxes.score.tolist(), strict=True)
    return [
        (round(x1, 1), round(y1, 1), round(x2, 1), round(y2, 1), round(score, 3)) for (x1, y1, x2, y2), score in rows
    ]
