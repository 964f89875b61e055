"""How sharp is a picture? Fine edges over coarse structure, so that light and contrast hardly matter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.camera.glance import Blocks, Grey

STRUCTURED = 0.04  # weber contrast of a block that has something in it to lose
_FEWEST = 8  # blocks that sharpness can be told by
_NO_EDGES = 1e-4  # least sharpness, so that a share of it can be taken


@dataclass(frozen=True, slots=True)
class Sharpness:
    """Energy of fine edges over that of coarse structure, across and down: one picture's, or a share of the usual."""

    across: float
    down: float

    @property
    def best(self) -> float:
        return max(self.across, self.down)

    @property
    def worst(self) -> float:
        return min(self.across, self.down)

    def share_of(self, usual: Sharpness) -> Sharpness:
        """How much of the usual sharpness is left."""
        return Sharpness(self.across / usual.across, self.down / usual.down)

    def or_better(self, other: Sharpness) -> Sharpness:
        """The better of two measures in each direction."""
        return Sharpness(max(self.across, other.across), max(self.down, other.down))

    def towards(self, new: Sharpness, weight: float) -> Sharpness:
        """Moved towards another by `weight`, 0..1, in ratios."""
        share = new.share_of(self)
        return Sharpness(self.across * share.across**weight, self.down * share.down**weight)


def sharpness_of(blocks: Blocks) -> Sharpness | None:
    """How sharp one picture is by itself, whatever stands in it: the middle one of its structured blocks.

    None where too few have structure.
    """
    structured = blocks.weber > STRUCTURED
    if structured.sum() < _FEWEST:
        return None
    across, down = (
        _beyond_noise(fine)[structured] / blocks.coarse[structured] for fine in (blocks.across, blocks.down)
    )
    return Sharpness(max(float(np.median(across)), _NO_EDGES), max(float(np.median(down)), _NO_EDGES))


def sharpness_left(known: Blocks, now: Blocks, same: NDArray[np.bool_]) -> Sharpness | None:
    """Share of the known sharpness that is left in the middle one of the blocks that show the `same`, (8,12).

    None where too little can be compared.
    """
    across = _left(known.across, now.across, known.coarse, now.coarse, same)
    down = _left(known.down, now.down, known.coarse, now.coarse, same)
    return None if across is None or down is None else Sharpness(across, down)


def _left(known: Grey, now: Grey, known_coarse: Grey, now_coarse: Grey, same: NDArray[np.bool_]) -> float | None:
    usable = same & (known > 2 * _noise_floor(known))
    if usable.sum() < _FEWEST:
        return None
    then = (known - _noise_floor(known))[usable] / known_coarse[usable]
    today = _beyond_noise(now)[usable] / now_coarse[usable]
    return float(np.median(today / then))


def _beyond_noise(fine: Grey) -> Grey:
    return np.asarray(np.maximum(fine - _noise_floor(fine), 0), np.float32)


def _noise_floor(fine: Grey) -> np.float32:
    """Where there is least to see, what is left is mostly the sensor's noise."""
    return np.float32(np.percentile(fine, 10))
