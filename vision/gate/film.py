"""The clip again with boxes, numbers, the gate and the count as it grows, as a video file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np

from vision.detector import Image
from vision.errors import VisionError
from vision.gate.counting import GateCount
from vision.gate.line import Gate
from vision.gate.sight import Float
from vision.gate.trajectory_picture import DOUBT, IN, draw_gate, write_count
from vision.video import VideoFrame


def write_film(target: Path, frames: Iterable[VideoFrame], counted: GateCount, gate: Gate, rate: float) -> int:
    """Write `frames` with what was counted in them; returns how many. VisionError when the file cannot be written."""
    boxes, doubtful = _boxes_by_frame(counted), {one.animal for one in counted.events if one.kind == "doubtful"}
    writer, written = None, 0
    try:
        for frame in frames:
            if writer is None:
                writer = _open(target, frame.image, rate)
            writer.write(_drawn(frame, boxes.get(frame.index, []), doubtful, counted, gate))
            written += 1
    finally:
        if writer is not None:
            writer.release()
    return written


def _drawn(
    frame: VideoFrame, boxes: list[tuple[int, Float]], doubtful: set[int], counted: GateCount, gate: Gate
) -> Image:
    picture = frame.image.copy()
    thick = max(1, round(min(picture.shape[:2]) / 400))
    for animal, box in boxes:
        x1, y1, x2, y2 = (round(float(value)) for value in box)
        colour = DOUBT if animal in doubtful else IN
        cv2.rectangle(picture, (x1, y1), (x2, y2), colour, thick)
        cv2.putText(
            picture, str(animal), (x1 + 3, y1 + 14 * thick), cv2.FONT_HERSHEY_SIMPLEX, 0.45 * thick, colour, thick
        )
    draw_gate(picture, gate, thick)
    so_far = [event.kind for event in counted.events if event.t <= frame.at_s]
    write_count(picture, f"in {so_far.count('in')}  out {so_far.count('out')}", thick)
    return picture


def _boxes_by_frame(counted: GateCount) -> dict[int, list[tuple[int, Float]]]:
    found: dict[int, list[tuple[int, Float]]] = defaultdict(list)
    for animal, path in enumerate(counted.paths):
        for number, box in zip(path.frame.tolist(), path.xyxy, strict=True):
            found[number].append((animal, np.asarray(box)))
    return found


def _open(target: Path, image: Image, rate: float) -> cv2.VideoWriter:
    height, width = image.shape[:2]
    code: Callable[..., int] = cv2.VideoWriter.fourcc
    writer = cv2.VideoWriter(str(target), code(*"mp4v"), rate, (width, height))
    if not writer.isOpened():
        raise VisionError(
            f"{target} cannot be written as a video: give a name that ends in .mp4, in a folder that exists"
        )
    return writer
