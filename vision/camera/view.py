"""The view a camera is known for, one for colour and one for infrared, and what has become of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.camera.glance import Blocks, Glance, Grey, block_means
from vision.camera.shift import Shift, shift_between

COLOURED = 5.0  # infrared pictures are grey everywhere, even after JPEG
_READY = 3
_MEMORY_S = 600.0
_MOST_WEIGHT = 0.1
_STRUCTURED = 0.04  # weber contrast of a block that has something in it to lose
_ALIKE = 0.3
_LOST = 0.3  # of the usual contrast left
_WHITE = 243.0


@dataclass(frozen=True, slots=True)
class Sharpness:
    """Shares of the usual sharpness that are left along and across; None where too little can be compared."""

    across: float
    down: float

    @property
    def best(self) -> float:
        return max(self.across, self.down)

    @property
    def worst(self) -> float:
        return min(self.across, self.down)


@dataclass(slots=True)
class View:
    """A running average of one camera's view in one kind of light."""

    blocks: Blocks
    outline: Grey
    pictures: int = 1

    @property
    def ready(self) -> bool:
        """Whether enough was seen to judge others by it."""
        return self.pictures >= _READY

    def learn(self, glance: Glance, passed_s: float) -> None:
        """Take in a picture that nothing was wrong with, `passed_s` after the last one."""
        weight = min(_MOST_WEIGHT, 1 - math.exp(-passed_s / _MEMORY_S)) if self.ready else 1 / (self.pictures + 1)
        old, new = self.blocks, glance.blocks
        self.blocks = Blocks(*(_towards(getattr(old, name), getattr(new, name), weight) for name in _PLANES))
        self.outline = _towards(self.outline, glance.outline, weight)
        self.pictures += 1

    def shift(self, glance: Glance) -> Shift:
        """How far the view has moved."""
        return shift_between(self.outline, glance.outline)

    def sharpness(self, glance: Glance) -> Sharpness | None:
        """Fine edges over coarse structure, against the usual, in the middle one of the blocks that still show the
        same outline: what an animal before the lens hides does not count."""
        known, now = self.blocks, glance.blocks
        same = (block_likeness(self.outline, glance.outline) > _ALIKE) & (known.weber > _STRUCTURED)
        across = _left(known.across, now.across, known.coarse, now.coarse, same)
        down = _left(known.down, now.down, known.coarse, now.coarse, same)
        return None if across is None or down is None else Sharpness(across, down)

    def lost(self, now: Blocks) -> NDArray[np.bool_]:
        """(8,12): blocks that had structure and have none now. Blinded by light is not covered."""
        structured = self.blocks.weber > _STRUCTURED
        return structured & (now.weber < _LOST * self.blocks.weber) & (now.mean < _WHITE)

    def disturbed(self, now: Blocks) -> float:
        """Share of the blocks that are lighter or darker than usual, beyond what the lamps do to all."""
        gain = now.mean / (self.blocks.mean + 4)
        off = np.abs(gain / np.median(gain) - 1)
        return float((off * (self.blocks.mean + 4) > np.maximum(8, 0.1 * self.blocks.mean)).mean())

    @property
    def structured(self) -> int:
        """How many blocks have structure to lose."""
        return int((self.blocks.weber > _STRUCTURED).sum())


_PLANES = ("mean", "across", "down", "coarse")


def view_of(glance: Glance) -> View:
    """The view that begins with one picture."""
    return View(glance.blocks, glance.outline)


def light_of(glance: Glance) -> str:
    """ "colour" or "grey": day or lamps, and infrared."""
    return "colour" if glance.colour >= COLOURED else "grey"


def _towards(old: Grey, new: Grey, weight: float) -> Grey:
    return np.asarray(old + np.float32(weight) * (new - old), np.float32)


def block_likeness(before: Grey, now: Grey) -> Grey:
    """(8,12): correlation of two outlines in each block."""
    shared, one, other = block_means(before * now), block_means(before * before), block_means(now * now)
    return np.asarray(shared / (np.sqrt(one * other) + 1e-3), np.float32)


def _left(known: Grey, now: Grey, known_coarse: Grey, now_coarse: Grey, same: NDArray[np.bool_]) -> float | None:
    floor_then, floor_now = np.percentile(known, 10), np.percentile(now, 10)  # mostly the sensor's noise
    usable = same & (known > 2 * floor_then)
    if usable.sum() < 8:
        return None
    then = (known - floor_then)[usable] / known_coarse[usable]
    today = np.maximum(now - floor_now, 0)[usable] / now_coarse[usable]
    return float(np.median(today / then))
