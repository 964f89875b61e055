"""What is in this picture alone: the signs of its noise, and how far two pictures agree in them.

A sensor never makes the same noise twice. What a picture has beyond the average of the last ones is noise and
movement; one bit a pixel of it (lighter or darker than expected) survives re-encoding, gamma and more noise on top.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vision.camera.glance import Grey

Words = NDArray[np.uint64]
Tiles = NDArray[np.intp]
WORDS = 128  # of 64 bits: 8,192 pixels
FLAT_TILES = 24
_FLAT_FOR = 200  # pictures; memories need not be sorted anew each time
_NO_NOISE = 0.05
_KNOWN, _STARTLED = 8, 2.5
_DITHER = np.random.default_rng(0).normal(0, 0.05, WORDS * 64).astype(np.float32)


@dataclass(slots=True)
class Expectation:
    """The running average of what a camera shows, one tile a row; `residual` is what a picture has beyond it."""

    mean: Grey | None = None
    spread: Grey | None = None
    flat: Tiles = field(default_factory=lambda: np.arange(FLAT_TILES))
    flat_until: int = 0
    pictures: int = 0

    def residual(self, tiles: Grey) -> Grey:
        """(64,128); each tile's contrast is fitted first, so that a lamp or a cloud leaves no pattern."""
        if self.mean is None:
            return np.zeros_like(tiles)
        gain = (tiles * self.mean).sum(axis=1) / ((self.mean * self.mean).sum(axis=1) + 64)
        return np.asarray(tiles - np.clip(gain, 0.3, 3.0)[:, None] * self.mean, np.float32)

    def flattest(self) -> Tiles:
        """The tiles with the least in them beside noise: a lamp, a turned focus or a nudge leaves no pattern there.
        Black rims, which have no noise either, come last."""
        if self.mean is None or self.spread is None:
            return self.flat
        if self.pictures >= self.flat_until:
            structure = (self.mean.std(axis=1) + 1) / (self.spread + _NO_NOISE)
            self.flat = np.sort(np.argsort(structure)[:FLAT_TILES])
            self.flat_until = self.pictures + min(self.pictures, _FLAT_FOR)
        return self.flat

    def startled(self, residual: Grey) -> bool:
        """Whether the picture is much further from what was expected than pictures were till now."""
        if self.spread is None or self.pictures < _KNOWN:
            return False
        return bool(np.median(np.abs(residual).mean(axis=1)) > _STARTLED * np.median(self.spread) + 0.5)

    def forget(self) -> None:
        """Let the next pictures count for much."""
        self.pictures, self.flat_until = min(self.pictures, 1), 0

    def learn(self, tiles: Grey, weight: float) -> None:
        """Move the average towards this picture by `weight`, 0..1; a plain average at first, or the first picture's
        noise would be missed in all others."""
        self.pictures += 1
        step = np.float32(max(weight, 1 / self.pictures))
        size = np.abs(self.residual(tiles)).mean(axis=1)
        self.spread = size if self.spread is None else self.spread + step * (size - self.spread)
        self.mean = tiles.copy() if self.mean is None else self.mean + step * (tiles - self.mean)


def print_of(residual: Grey, number: int) -> Words:
    """(128,) words: bit set where the picture is lighter than expected.

    Black rims and burnt-out windows have no noise, and would agree for ever: there the bits come from a fixed table,
    turned on with the picture's `number`.
    """
    return np.packbits(residual.ravel() + np.roll(_DITHER, 97 * number) > 0).view(np.uint64)


def words_of(tiles: Tiles) -> Tiles:
    """Which words of a print belong to these tiles."""
    return np.concatenate([2 * tiles, 2 * tiles + 1])


def agreement(one: Words, many: Words) -> NDArray[np.float32]:
    """-1..1 per row of `many`: 0 for chance, 1 for the same noise. Both in the same words."""
    differing = np.bitwise_count(many ^ one).sum(axis=1, dtype=np.uint32)
    return np.asarray(1 - 2 * differing / np.float32(64 * len(one)), np.float32)


def tile_agreement(one: Words, other: Words, tiles: Tiles) -> float:
    """What four fifths of these tiles agree by: high only when nearly all repeat, not where one animal stays put."""
    differing = np.bitwise_count(one ^ other).reshape(64, 2).sum(axis=1, dtype=np.uint32)
    return float(np.percentile(1 - 2 * differing[tiles] / 128, 20))


@dataclass(slots=True)
class Memory:
    """The last so many prints with their times, seconds; the oldest are overwritten."""

    entries: int
    prints: Words = field(init=False)
    times: NDArray[np.float64] = field(init=False)
    kept: int = 0
    chosen: Tiles | None = None
    picked: Words = field(init=False)

    def __post_init__(self) -> None:
        self.prints = np.zeros((self.entries, WORDS), np.uint64)
        self.times = np.zeros(self.entries, np.float64)

    def keep(self, print_: Words, at_s: float) -> None:
        """Remember one print."""
        place = self.kept % self.entries
        self.prints[place], self.times[place] = print_, at_s
        if self.chosen is not None:
            self.picked[place] = print_[words_of(self.chosen)]
        self.kept += 1

    def over(self, tiles: Tiles) -> Words:
        """What is remembered of these tiles alone."""
        if self.chosen is None or not np.array_equal(tiles, self.chosen):
            self.chosen, self.picked = tiles, np.ascontiguousarray(self.prints[:, words_of(tiles)])
        return self.picked[: self.filled]

    @property
    def filled(self) -> int:
        """How many prints are remembered."""
        return min(self.kept, self.entries)
