"""Challenge and response: a recording cannot know what is asked of the camera now.

A lamp in view blinks a pattern that is drawn afresh each time, or the camera is nudged a little; whoever plays a
recording, however well it is disguised, does not show it. All functions are pure: `rng` is an argument, and who
switches the lamp or drives the mount is not their business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vision.camera.glance import glance_at
from vision.camera.shift import shift_between
from vision.detector import Image

BITS = 16
_ENOUGH = 0.7


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether the camera answered; `agreement` -1..1, `threshold` what was asked of it."""

    given: bool
    agreement: float
    threshold: float


def blink_pattern(rng: np.random.Generator, bits: int = BITS) -> tuple[bool, ...]:
    """A lamp's pattern, on and off equally often, in an order that nobody can know before. `bits` must be even."""
    if bits < 8 or bits % 2:
        raise ValueError("a pattern needs an even number of bits, 8 or more")
    return tuple(bool(bit) for bit in rng.permutation([True, False] * (bits // 2)))


def answers_blinks(pattern: Sequence[bool], brightness: Sequence[float]) -> Answer:
    """Does the brightness follow the pattern? One value a bit: the mean grey of the lamp's part of the picture.

    Slow drift is taken out. Chance agrees with 16 bits by .7 or more once in some hundreds of tries.
    Raises ValueError when the two do not fit together.
    """
    if len(pattern) != len(brightness) or len(pattern) < 8:
        raise ValueError(f"{len(pattern)} bits and {len(brightness)} values: give one value a bit, 8 or more")
    light = np.asarray(brightness, np.float64)
    steps = np.arange(len(light))
    light = light - np.polyval(np.polyfit(steps, light, 1), steps)
    asked = np.asarray(pattern, np.float64) - np.mean(pattern)
    asked = asked - np.polyval(np.polyfit(steps, asked, 1), steps)
    length = float(np.linalg.norm(light) * np.linalg.norm(asked))
    # a lamp that moves the picture by less than a tenth of a grey level was not seen
    agreement = float(light @ asked / length) if length > 0 and light.std() > 0.1 else 0.0
    return Answer(agreement >= _ENOUGH, agreement, _ENOUGH)


def answers_nudge(before: Image, after: Image, pixels: float) -> Answer:
    """Did the view shift by about `pixels` (of the picture, along any direction) between two pictures of one size?

    agreement: measured over asked, 1 is perfect. Between a half and one and a half is taken: mounts have slack.
    Raises ValueError for pictures of different sizes.
    """
    if before.shape != after.shape:
        raise ValueError(f"pictures of {before.shape[:2]} and {after.shape[:2]}: take both at one size")
    first, second = glance_at(before), glance_at(after)
    shift = shift_between(first.outline, second.outline)
    share = shift.pixels * first.scale / pixels if shift.agree >= 3 else 0.0
    return Answer(0.5 <= share <= 1.5, share, 0.5)
