"""A counted picture for people: who was counted, who was not and where, over a foot with the figure and its source.

The foot is added below, so that pixels keep their places and no animal is covered by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from collateral.contract.evidence import Zone
from vision import lettering
from vision.counting import PictureCount
from vision.detector import CLASSES, Boxes, Image
from vision.lettering import BOLD, Colour

COLOURS: dict[str, Colour] = {"cattle": (150, 200, 60), "sheep": (70, 180, 245), "pig": (190, 130, 245)}  # BGR
FOOT, INK, QUIET, ALARM = (48, 40, 33), (245, 245, 245), (190, 182, 172), (120, 175, 250)
DIMMED = 0.7
FOOT_SHARE = 0.1  # of the picture's width: readable in a thumbnail of 300 pixels
LEAST_FOOT = 34
DASH = 6  # pixels at 960


@dataclass(frozen=True, slots=True)
class View:
    """What a count does not say itself. unsure: found, but not counted. details: one short line about the source."""

    unsure: Boxes = field(default_factory=Boxes.empty)
    zones: tuple[Zone, ...] = ()
    details: str = ""


def draw_count(image: Image, counted: PictureCount, view: View | None = None) -> Image:
    """A copy of `image`, (H,W,3) BGR uint8, with what was counted drawn on it and a foot added below."""
    seen = view or View()
    picture = image.copy()
    scale = max(image.shape[:2]) / 960
    _zones(picture, seen.zones, scale)
    for box, colour in _each(seen.unsure):
        _dashed(picture, box, colour, scale)
    for (x1, y1, x2, y2), colour in _each(counted.boxes):
        cv2.rectangle(picture, (x1, y1), (x2, y2), colour, max(1, round(1.5 * scale)))
    return np.concatenate([picture, _foot(picture.shape[1], counted, seen)])


def caption(counted: PictureCount) -> str:
    """One line: "70 head (66-74), cattle 70, herd-1, 48 ms", or why it is unknown."""
    made = f"{counted.model_version}, {counted.took_ms:.0f} ms"
    if counted.count is None:
        return f"unknown: {counted.unknown_because}, {made}"
    count = counted.count
    kinds = ", ".join(f"{name} {head}" for name, head in counted.boxes.by_class().items())
    return f"{count.best} head ({count.low}-{count.high}){', ' + kinds if kinds else ''}, {made}"


def _each(boxes: Boxes) -> Iterator[tuple[tuple[int, int, int, int], Colour]]:
    animals = boxes.animals
    for row, class_id in zip(animals.xyxy.round().astype(int).tolist(), animals.class_id, strict=True):
        yield (row[0], row[1], row[2], row[3]), COLOURS[CLASSES[class_id]]


def _dashed(picture: Image, box: tuple[int, int, int, int], colour: Colour, scale: float) -> None:
    x1, y1, x2, y2 = box
    step = max(3, round(DASH * scale))
    thick = max(1, round(0.75 * scale))
    for x in range(x1, x2, 2 * step):
        for y in (y1, y2):
            cv2.line(picture, (x, y), (min(x + step, x2), y), colour, thick)
    for y in range(y1, y2, 2 * step):
        for x in (x1, x2):
            cv2.line(picture, (x, y), (x, min(y + step, y2)), colour, thick)


def _zones(picture: Image, zones: Sequence[Zone], scale: float) -> None:
    """Where is counted is outlined, and what lies around it a little darker; where is not counted is hatched."""
    counted = [_corners(zone, picture) for zone in zones if zone.counts]
    left_out = [_corners(zone, picture) for zone in zones if not zone.counts]
    if counted:
        outside = ~_filled(picture, counted)
        picture[outside] = (picture[outside] * DIMMED).astype(np.uint8)
    for corners in left_out:
        _hatch(picture, corners, scale)
    for corners in [*counted, *left_out]:
        for colour, thick in ((FOOT, 3.5), (INK, 1.5)):  # light on dark, so that it shows on any ground
            cv2.polylines(picture, [corners], True, colour, max(1, round(thick * scale)), cv2.LINE_AA)


def _hatch(picture: Image, corners: NDArray[np.int32], scale: float) -> None:
    height, width = picture.shape[:2]
    lines = picture.copy()
    for start in range(-height, width, max(6, round(14 * scale))):
        cv2.line(lines, (start, height), (start + height, 0), INK, max(1, round(scale)), cv2.LINE_AA)
    inside = _filled(picture, [corners])
    picture[inside] = cv2.addWeighted(picture, 0.6, lines, 0.4, 0)[inside]


def _filled(picture: Image, polygons: list[NDArray[np.int32]]) -> NDArray[np.bool_]:
    mask = np.zeros(picture.shape[:2], np.uint8)
    for corners in polygons:
        cv2.fillPoly(mask, [corners], 1)
    return mask.astype(bool)


def _corners(zone: Zone, picture: Image) -> NDArray[np.int32]:
    height, width = picture.shape[:2]
    return np.asarray(np.round(np.array(zone.corners) * [width - 1, height - 1]), np.int32)


def _foot(width: int, counted: PictureCount, view: View) -> Image:
    """The figure and who was counted on one line, where it came from on a smaller one."""
    tall = max(LEAST_FOOT, round(FOOT_SHARE * width))
    foot = np.full((tall, width, 3), FOOT, np.uint8)
    large, small, edge = round(tall * 0.42), max(7, round(tall * 0.21)), round(tall * 0.2)
    end = _headline(foot, counted, (edge, round(tall * 0.5)), large)
    _legend(foot, counted, view, (end + edge, width - edge), round(tall * 0.48), round(tall * 0.26))
    if view.details:
        line = lettering.cut(view.details, small, width - 2 * edge)
        lettering.write(foot, line, (edge, tall * 0.84), small, QUIET)
    return foot


def _headline(foot: Image, counted: PictureCount, place: tuple[int, int], size: int) -> int:
    """Where it ends, pixels from the left."""
    x, y = place
    if counted.count is None:
        text = lettering.cut(f"unknown: {counted.unknown_because}", size, foot.shape[1] - 2 * x, BOLD)
        lettering.write(foot, text, (x, y), size, ALARM, weight=BOLD)
        return x + lettering.wide(text, size, BOLD)
    figure = f"{counted.count.best} head"
    lettering.write(foot, figure, (x, y), size, INK, weight=BOLD)
    x += lettering.wide(figure, size, BOLD) + size // 2
    interval, small = f"{counted.count.low}–{counted.count.high}", round(size * 0.8)
    lettering.write(foot, interval, (x, y), small, QUIET)
    return x + lettering.wide(interval, small)


def _legend(foot: Image, counted: PictureCount, view: View, between: tuple[float, float], y: int, size: int) -> None:
    """From the right: who was counted, and how many were not sure enough. What finds no room is left out."""
    left, x = between
    parts = [(f"{name} {head}", COLOURS[name]) for name, head in counted.boxes.by_class().items()]
    if len(view.unsure.animals):
        parts.append((f"unsure {len(view.unsure.animals)}", QUIET))
    for text, colour in reversed(parts):
        x -= lettering.wide(text, size)
        if x - size < left:
            return
        lettering.write(foot, text, (x, y), size, INK)
        mark = (round(x - size * 0.9), round(y - size * 0.65)), (round(x - size * 0.35), round(y - size * 0.1))
        cv2.rectangle(foot, *mark, colour, -1 if colour != QUIET else 1)
        x -= size * 1.8
