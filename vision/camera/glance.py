"""Everything the checks need to know about one picture, measured once."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detector import Image
from vision.errors import VisionError

Grey = NDArray[np.float32]
SMALLEST = 128
WIDE = 640  # longest side that sharpness is judged at, pixels
TILES, TILE_ROWS, TILE_COLUMNS = 8, 8, 16  # 8x8 samples of 8x16 sensor pixels each: 8,192 pixels of noise
COARSE = (128, 64)  # columns, rows of block averages: survive a small crop and rescale
GRID = (12, 8)  # columns, rows of blocks that sharpness and structure are judged by


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """Per block of the grid, (8,12): mean grey, energy of horizontal and vertical fine edges, of coarse structure."""

    mean: Grey
    across: Grey
    down: Grey
    coarse: Grey

    @property
    def weber(self) -> Grey:
        """Structure as a share of brightness, which exposure and lamps hardly change."""
        return np.asarray(np.sqrt(self.coarse) / (self.mean + 4), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """Measures of one picture. Grey levels 0..255.

    bright, edges: as `vision.picture_quality.Sight`. colour: how coloured the most coloured parts are.
    noise: (64,128) high-passed sensor pixels. coarse: block averages, high-passed, as it is and zoomed out a little.
    outline: edges of equal strength at a quarter of the way between thumbnail and picture, for shifts.
    scale: pixels of the picture per pixel of `outline`.
    """

    bright: float
    edges: float
    colour: float
    blocks: Blocks
    noise: Grey
    coarse: Grey
    zoomed_out: Grey
    outline: Grey
    scale: float


def glance_at(image: Image) -> Glance:
    """Measure an (H,W,3) BGR picture: a few milliseconds. VisionError when a side is shorter than `SMALLEST`."""
    if min(image.shape[:2]) < SMALLEST:
        raise VisionError(
            f"{image.shape[1]}x{image.shape[0]} pixels say nothing about a camera: send {SMALLEST} or more"
        )
    wide = _at_most(image, WIDE)
    grey = np.asarray(cv2.cvtColor(wide, cv2.COLOR_BGR2GRAY), np.uint8)
    half = _half(grey)
    thumb = np.asarray(cv2.resize(half, (160, 90), interpolation=cv2.INTER_AREA), np.uint8)
    bright, edges = _sight(thumb)
    return Glance(
        bright,
        edges,
        _colour(wide),
        _blocks(grey, half),
        _noise(image),
        _coarse(half, 1.0),
        _coarse(half, 1 / 1.015),
        _outline(half),
        image.shape[1] / half.shape[1],
    )


def _at_most(image: Image, side: int) -> Image:
    height, width = image.shape[:2]
    share = side / max(height, width)
    if share >= 1:
        return image
    # whole divisions are several times faster than others, and what is left over is little
    step = max(1, round(1 / share))
    return np.asarray(cv2.resize(image, (width // step, height // step), interpolation=cv2.INTER_AREA), np.uint8)


def _half(grey: Image) -> Image:
    rows, columns = grey.shape[0] // 2, grey.shape[1] // 2
    return np.asarray(cv2.resize(grey, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8)


def _sight(thumb: Image) -> tuple[float, float]:
    smooth = cv2.GaussianBlur(thumb.astype(np.float32), (0, 0), 1.0)
    curvature = np.abs(cv2.Laplacian(smooth, cv2.CV_32F, ksize=1))
    return float(smooth.max()), float(np.percentile(curvature, 98))


def _colour(wide: Image) -> float:
    sampled = np.ascontiguousarray(wide[::4, ::4])
    blocks = cv2.resize(sampled, (24, 16), interpolation=cv2.INTER_AREA).astype(np.float32)
    return float(np.percentile(blocks.max(axis=2) - blocks.min(axis=2), 95))


def _blocks(grey: Image, half: Image) -> Blocks:
    soft = cv2.GaussianBlur(grey, (0, 0), 0.9).astype(np.float32)
    across = block_means(np.square(soft[:, 2:] - soft[:, :-2]))
    down = block_means(np.square(soft[2:] - soft[:-2]))
    small = cv2.GaussianBlur(half, (0, 0), 2.0).astype(np.float32)
    coarse = block_means(np.square(small - cv2.blur(small, (17, 17))))
    return Blocks(block_means(half.astype(np.float32)), across, down, coarse)


def block_means(plane: Grey) -> Grey:
    """(8,12): the mean of each block."""
    columns, rows = GRID
    high, wide = plane.shape[0] // rows, plane.shape[1] // columns
    whole = plane[: high * rows, : wide * columns].reshape(rows, high, columns * wide).mean(axis=1)
    return np.asarray(whole.reshape(rows, columns, wide).mean(axis=2), np.float32)


def _noise(image: Image) -> Grey:
    """Small samples of single sensor pixels all over the picture, without what is smooth in them: (64,128)."""
    height, width = image.shape[:2]
    tops = np.linspace(0, max(0, height - TILE_ROWS), TILES).astype(int)
    lefts = np.linspace(0, max(0, width - TILE_COLUMNS), TILES).astype(int)
    strips = [np.concatenate([image[y : y + TILE_ROWS, x : x + TILE_COLUMNS] for x in lefts], axis=1) for y in tops]
    grey = cv2.cvtColor(np.concatenate(strips), cv2.COLOR_BGR2GRAY).astype(np.float32)
    return tiles_of(grey - cv2.blur(grey, (5, 5)))


def tiles_of(plane: Grey) -> Grey:
    """Cut a plane into 64 tiles, one a row."""
    rows, columns = plane.shape[0] // TILES, plane.shape[1] // TILES
    return np.ascontiguousarray(plane.reshape(TILES, rows, TILES, columns).transpose(0, 2, 1, 3)).reshape(64, -1)


def _coarse(grey: Image, zoom: float) -> Grey:
    if zoom != 1.0:
        rows, columns = grey.shape
        turn = np.array([[zoom, 0, columns * (1 - zoom) / 2], [0, zoom, rows * (1 - zoom) / 2]], np.float32)
        grey = np.asarray(cv2.warpAffine(grey, turn, (columns, rows), borderMode=cv2.BORDER_REPLICATE), np.uint8)
    blocks = cv2.resize(grey.astype(np.float32), COARSE, interpolation=cv2.INTER_AREA)
    return tiles_of(blocks - cv2.blur(blocks, (5, 5)))


def _outline(half: Image) -> Grey:
    """High-passed and divided by its local strength: what is left hardly knows how the scene is lit."""
    grey = half.astype(np.float32)
    detail = grey - cv2.GaussianBlur(grey, (0, 0), 3.0)
    power = np.maximum(cv2.blur(detail * detail, (25, 25)), 0)  # sums that run along may end below zero
    return np.asarray(detail / (np.sqrt(power) + np.float32(4)), np.float32)
