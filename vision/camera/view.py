"""The view a camera is known for, one for colour and one for infrared, and what has become of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.camera.glance import Blocks, Glance, Grey, block_means
from vision.camera.sharpness import STRUCTURED, Sharpness, sharpness_left, sharpness_of
from vision.camera.shift import Shift, shift_between

COLOURED = 5.0  # infrared pictures are grey everywhere, even after JPEG
_READY = 3
_MEMORY_S = 600.0
_MOST_WEIGHT = 0.1
_ALIKE = 0.3
_LOST = 0.3  # of the usual contrast left
_WHITE = 243.0


@dataclass(slots=True)
class View:
    """A running average of one camera's view in one kind of light. `sharp`: how sharp its pictures are by themselves,
    whatever stands in them; None until there was one to tell it by."""

    blocks: Blocks
    outline: Grey
    sharp: Sharpness | None = None
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
        if (sharp := sharpness_of(glance.blocks)) is not None:
            self.sharp = sharp if self.sharp is None else self.sharp.towards(sharp, weight)
        self.pictures += 1

    def shift(self, glance: Glance) -> Shift:
        """How far the view has moved."""
        return shift_between(self.outline, glance.outline)

    def sharpness(self, glance: Glance) -> Sharpness | None:
        """Shares of the usual sharpness; None where too little can be compared.

        By the blocks that still show what they showed, and by the picture as a whole: a turned focus blurs both. A herd
        that gets up changes what is in a block, not how sharp the picture is; an animal before the lens is a blur of
        its own, and leaves the blocks beside it as they were. So what one of the two still finds sharp is sharp.
        """
        whole, stayed = sharpness_of(glance.blocks), self._where_it_stayed(glance)
        if whole is None or stayed is None or self.sharp is None:
            return None
        return whole.share_of(self.sharp).or_better(stayed)

    def _where_it_stayed(self, glance: Glance) -> Sharpness | None:
        same = self._alike(glance) & (self.blocks.weber > STRUCTURED)
        return sharpness_left(self.blocks, glance.blocks, same)

    def recognised(self, glance: Glance) -> float:
        """Share of the blocks that still show the same outline: a herd that gets up leaves the ground between, another
        place has a few such blocks by chance."""
        return float(self._alike(glance).mean())

    def _alike(self, glance: Glance) -> NDArray[np.bool_]:
        return block_likeness(self.outline, glance.outline) > _ALIKE

    def lost(self, now: Blocks) -> NDArray[np.bool_]:
        """(8,12): blocks that had structure and have none now. Blinded by light is not covered."""
        structured = self.blocks.weber > STRUCTURED
        return structured & (now.weber < _LOST * self.blocks.weber) & (now.mean < _WHITE)

    def disturbed(self, now: Blocks) -> float:
        """Share of the blocks that are lighter or darker than usual, beyond what the lamps do to all."""
        gain = now.mean / (self.blocks.mean + 4)
        off = np.abs(gain / np.median(gain) - 1)
        return float((off * (self.blocks.mean + 4) > np.maximum(8, 0.1 * self.blocks.mean)).mean())

    @property
    def structured(self) -> int:
        """How many blocks have structure to lose."""
        return int((self.blocks.weber > STRUCTURED).sum())


_PLANES = ("mean", "across", "down", "coarse")


def view_of(glance: Glance) -> View:
    """The view that begins with one picture."""
    return View(glance.blocks, glance.outline, sharpness_of(glance.blocks))


def light_of(glance: Glance) -> str:
    """ "colour" or "grey": day or lamps, and infrared."""
    return "colour" if glance.colour >= COLOURED else "grey"


def _towards(old: Grey, new: Grey, weight: float) -> Grey:
    return np.asarray(old + np.float32(weight) * (new - old), np.float32)


def block_likeness(before: Grey, now: Grey) -> Grey:
    """(8,12): correlation of two outlines in each block."""
    shared, one, other = block_means(before * now), block_means(before * before), block_means(now * now)
    return np.asarray(shared / (np.sqrt(one * other) + 1e-3), np.float32)
