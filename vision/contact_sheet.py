"""A contact sheet: all counted pictures of an inventory on one page, with their total and what is missing from it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from vision import lettering
from vision.counting import HeadRange
from vision.detector import Image
from vision.lettering import BOLD

PAPER, INK, QUIET, ALARM, LINE = (252, 250, 248), (46, 36, 26), (118, 106, 94), (40, 60, 170), (222, 216, 208)
WIDTH, EDGE, GAP = 1680, 48, 20
PICTURE_SHARE = 0.72  # height of a picture's place over its width
LETTERS, TITLE, FIGURE = 17, 30, 40


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """One picture of the sheet. image: annotated; None when there is none to show. count None: `why` says why."""

    name: str
    image: Image | None
    count: HeadRange | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Total:
    """What the known pictures add up to, and how many are unknown."""

    count: HeadRange | None
    known: int
    unknown: int


def total(tiles: Sequence[Tile]) -> Total:
    """The sum with an interval that holds however the errors hang together: lows and highs are added up.

    Cameras of one herd err together (light, weather, breed), so that their errors do not cancel as chance would.
    """
    known = [tile.count for tile in tiles if tile.count is not None]
    if not known:
        return Total(None, 0, len(tiles))
    low, best, high = (sum(column) for column in zip(*((c.low, c.best, c.high) for c in known), strict=True))
    return Total(HeadRange(low, best, high), len(known), len(tiles) - len(known))


def contact_sheet(tiles: Sequence[Tile], title: str, source: str) -> Image:
    """The sheet, (H,W,3) BGR uint8. title: whose animals. source: date and model, one line."""
    across = _across(len(tiles))
    wide = (WIDTH - 2 * EDGE - (across - 1) * GAP) // across
    tall = round(wide * PICTURE_SHARE) + 2 * LETTERS + 14
    top = EDGE + TITLE + FIGURE + 2 * LETTERS + 52
    rows = math.ceil(len(tiles) / across)
    page = np.full((top + rows * (tall + GAP) + EDGE - GAP, WIDTH, 3), PAPER, np.uint8)
    _head(page, total(tiles), title, source, top)
    for place, tile in enumerate(tiles):
        row, column = divmod(place, across)
        _tile(page, tile, EDGE + column * (wide + GAP), top + row * (tall + GAP), wide)
    return page


def _across(tiles: int) -> int:
    return min(max(2, math.ceil(math.sqrt(tiles))), 5)


def _head(page: Image, sum_of: Total, title: str, source: str, top: int) -> None:
    room = WIDTH - 2 * EDGE
    y = EDGE + TITLE * 0.7
    lettering.write(page, lettering.cut(title, TITLE, room * 0.62, BOLD), (EDGE, y), TITLE, INK, weight=BOLD)
    lettering.write(page, source, (WIDTH - EDGE, y), LETTERS, QUIET, anchor="right")
    y += FIGURE + 20
    if sum_of.count is None:
        lettering.write(page, "unknown", (EDGE, y), FIGURE, ALARM, weight=BOLD)
    else:
        figure = f"{sum_of.count.best} head"
        lettering.write(page, figure, (EDGE, y), FIGURE, INK, weight=BOLD)
        x = EDGE + lettering.wide(figure, FIGURE, BOLD) + 18
        lettering.write(page, f"between {sum_of.count.low} and {sum_of.count.high}", (x, y), 24, QUIET)
    text, colour = _coverage(sum_of)
    lettering.write(page, text, (EDGE, y + LETTERS + 18), LETTERS, colour)
    cv2.line(page, (EDGE, top - 22), (WIDTH - EDGE, top - 22), LINE, 1)


def _coverage(sum_of: Total) -> tuple[str, lettering.Colour]:
    pictures = sum_of.known + sum_of.unknown
    if sum_of.unknown:
        return f"{sum_of.known} of {pictures} pictures counted; {sum_of.unknown} unknown and not in the total", ALARM
    return f"{sum_of.known} of {pictures} pictures counted", QUIET


def _tile(page: Image, tile: Tile, x: int, y: int, wide: int) -> None:
    tall = round(wide * PICTURE_SHARE)
    page[y : y + tall, x : x + wide] = _fitted(tile, wide, tall)
    cv2.rectangle(page, (x, y), (x + wide - 1, y + tall - 1), LINE, 1)
    y += tall + LETTERS + 6
    said = (
        f"unknown: {tile.why}" if tile.count is None else f"{tile.count.best} head, {tile.count.low}–{tile.count.high}"
    )
    colour = ALARM if tile.count is None else INK
    said = lettering.cut(said, LETTERS, wide, BOLD)
    lettering.write(page, said, (x, y), LETTERS, colour, weight=BOLD)
    small = LETTERS - 3
    lettering.write(page, lettering.cut(tile.name, small, wide), (x, y + LETTERS + 4), small, QUIET)


def _fitted(tile: Tile, wide: int, tall: int) -> Image:
    """The picture as large as it fits, on grey; where there is none, its reason in words stands below anyhow."""
    place = np.full((tall, wide, 3), (232, 228, 224), np.uint8)
    if tile.image is None:
        lettering.write(place, "no picture", (wide / 2, tall / 2), LETTERS, QUIET, anchor="middle")
        return place
    height, width = tile.image.shape[:2]
    share = min(wide / width, tall / height)
    size = (max(1, round(width * share)), max(1, round(height * share)))
    method = cv2.INTER_AREA if share < 1 else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(tile.image, size, interpolation=method), np.uint8)
    top, left = (tall - size[1]) // 2, (wide - size[0]) // 2
    place[top : top + size[1], left : left + size[0]] = small
    return place
