"""All trajectories over one picture, with the gate and the count: what a person looks at to believe it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from vision.detector import Image
from vision.gate.counting import GateCount
from vision.gate.line import Gate, Line, Race
from vision.gate.sight import Float
from vision.gate.tracklet import Tracklet

Colour = tuple[int, int, int]
IN, OUT, STAYS, DOUBT, GATE = (80, 200, 60), (60, 110, 240), (190, 190, 190), (0, 200, 255), (255, 255, 255)


def canvas_for(paths: Sequence[Tracklet], gate: Gate) -> Image:
    """A dark picture large enough for everything, where no frame is at hand."""
    points = [gate_corners(gate), *(path.xyxy[:, 2:] for path in paths)]
    right, bottom = np.clip(np.concatenate(points).max(axis=0) + 10, 64, 4096)
    return np.full((int(bottom), int(right), 3), 32, np.uint8)


def draw_trajectories(image: Image, counted: GateCount, gate: Gate) -> Image:
    """A copy of `image` with every trajectory: green went in, red went out, grey did neither, yellow is doubtful."""
    picture = np.array(image, np.uint8)
    dimmed = (picture * 0.6).astype(np.uint8)
    thick = max(1, round(min(picture.shape[:2]) / 300))
    for animal, path in enumerate(counted.paths):
        _draw_path(dimmed, path.middle, _colour(counted, animal), thick)
    draw_gate(dimmed, gate, thick)
    for event in counted.events:
        if event.kind == "doubtful":
            cv2.circle(dimmed, (round(event.x), round(event.y)), 6 * thick, DOUBT, thick, cv2.LINE_AA)
    words = f"in {counted.came_in}  out {counted.went_out}  doubtful {counted.ambiguous}"
    write_count(dimmed, words, thick)
    return dimmed


def draw_gate(picture: Image, gate: Gate, thick: int) -> None:
    """The line, or the outline of the race, onto `picture`."""
    cv2.polylines(
        picture, [np.round(gate_corners(gate)).astype(np.int32)], isinstance(gate, Race), GATE, 2 * thick, cv2.LINE_AA
    )


def write_count(picture: Image, words: str, thick: int) -> None:
    """The count at the top, readable on any ground."""
    place = 8 * thick, 24 * thick
    for colour, width in (((0, 0, 0), 4 * thick), (GATE, thick)):
        cv2.putText(picture, words, place, cv2.FONT_HERSHEY_SIMPLEX, 0.55 * thick, colour, width, cv2.LINE_AA)


def gate_corners(gate: Gate) -> Float:
    """(N,2) pixels: two ends of a line, four corners of a race."""
    if isinstance(gate, Line):
        return np.array([[gate.x1, gate.y1], [gate.x2, gate.y2]])
    return np.array(gate.corners) if isinstance(gate, Race) else np.zeros((0, 2))


def _draw_path(picture: Image, middle: Float, colour: Colour, thick: int) -> None:
    points = np.round(np.clip(middle, -1e4, 1e4)).astype(np.int32)
    cv2.polylines(picture, [points.reshape(-1, 1, 2)], False, colour, thick, cv2.LINE_AA)
    cv2.circle(picture, (int(points[-1, 0]), int(points[-1, 1])), 3 * thick, colour, -1, cv2.LINE_AA)


def _colour(counted: GateCount, animal: int) -> Colour:
    kinds = [event.kind for event in counted.events if event.animal == animal]
    if "doubtful" in kinds:
        return DOUBT
    if not kinds:
        return STAYS
    return IN if kinds[-1] == "in" else OUT
