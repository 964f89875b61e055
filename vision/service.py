"""From one `frame` message to one `count` message and its evidence. Pure but for the counting itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from collateral.contract.evidence import CameraFinding, EvidenceMade
from collateral.contract.messages import VERSION, CountMade, Frame, HeadRange
from vision.camera.watches import Watches
from vision.counter import Counter
from vision.counting import PictureCount
from vision.detector import CLASSES, Image
from vision.evidence.chains import Chains
from vision.evidence.making import Counted, Evidence, Taken, make_evidence
from vision.evidence.watched import count_watched

METHOD = "camera-still"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of a frame, and what is kept of it."""

    count: CountMade
    evidence: EvidenceMade


def answer_frame(frame: Frame, counter: Counter, chains: Chains, watches: Watches, now: datetime) -> Answer:
    """Count `frame`; `now` is when. A picture that cannot be read, seen or believed counts None, with the reason."""

    def suspect(image: Image) -> tuple[CameraFinding, ...]:
        found = watches.look(frame.camera, frame.sequence, image, frame.captured_at, now)
        return tuple(CameraFinding(kind=one.kind.value, says=one.sentence()) for one in found)

    species = frame.species if frame.species in CLASSES else None
    counted = count_watched(counter, frame.jpeg, method=METHOD, species=species, scene=frame.scene, suspect=suspect)
    kept = _evidence(frame, counted, chains, now)
    evidence = EvidenceMade(v=VERSION, gateway=frame.gateway, record=kept.record, jpeg=kept.jpeg)
    return Answer(_made(frame, counted.count, now), evidence)


def _evidence(frame: Frame, counted: Counted, chains: Chains, now: datetime) -> Evidence:
    taken = Taken(
        camera=frame.camera, sha256=frame.sha256, captured_at=frame.captured_at, received_at=now, counted_at=now,
        simulated=frame.simulated,
    )  # fmt: skip
    return make_evidence(taken, counted, chains.link(frame.camera))


def _made(frame: Frame, counted: PictureCount, now: datetime) -> CountMade:
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
