"""A grid of labelled pictures with their boxes: one look tells whether labels fit."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from vision.detector import Float, Image
from vision.papers.samples import Sample
from vision.picture import read_picture

_WIDE, _TALL, _STRIP, _GAP = 300, 210, 20, 6  # pixels
_COLOURS = ((80, 200, 60), (220, 160, 40), (150, 90, 230), (40, 120, 240))  # BGR by class; further classes repeat
_PAPER, _INK = (250, 249, 247), (50, 42, 34)


def draw_grid(samples: Sequence[Sample], across: int = 5) -> Image:
    """The grid, (H,W,3) BGR uint8, a set a row when `samples` come `across` a set. Raises UnreadablePicture."""
    cells = [_cell(sample) for sample in samples]
    down = -(-len(cells) // across)
    tall, wide = _TALL + _STRIP + _GAP, _WIDE + _GAP
    sheet = np.full((max(down, 1) * tall + _GAP, across * wide + _GAP, 3), _PAPER, np.uint8)
    for number, cell in enumerate(cells):
        top, left = _GAP + number // across * tall, _GAP + number % across * wide
        sheet[top : top + cell.shape[0], left : left + cell.shape[1]] = cell
    return sheet


def spread(samples: Sequence[Sample], number: int) -> list[Sample]:
    """So many of them, evenly over their order."""
    picked = np.linspace(0, len(samples) - 1, min(number, len(samples))).round().astype(int)
    return [samples[index] for index in picked]


def _cell(sample: Sample) -> Image:
    image = read_picture(sample.path).image
    scale = min(_WIDE / image.shape[1], _TALL / image.shape[0])
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    for row in sample.boxes:
        _outline(small, row)
    cell = np.full((_TALL + _STRIP, _WIDE, 3), _PAPER, np.uint8)
    cell[: size[1], : size[0]] = small
    text = f"{sample.set} {sample.split} {sample.scene} {sample.head} head"
    cv2.putText(cell, text, (2, _TALL + 14), cv2.FONT_HERSHEY_SIMPLEX, 0.38, _INK, 1, cv2.LINE_AA)
    return cell


def _outline(image: Image, row: Float) -> None:
    size = np.array([image.shape[1], image.shape[0]])
    low, high = (row[1:3] - row[3:5] / 2) * size, (row[1:3] + row[3:5] / 2) * size
    corners = [(int(x), int(y)) for x, y in (low, high)]
    cv2.rectangle(image, corners[0], corners[1], _COLOURS[int(row[0]) % len(_COLOURS)], 1, cv2.LINE_AA)
