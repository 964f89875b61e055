"""What cameras count: a share of the head that is there, sometimes nothing. Noise apart from truth, so that a scenario
changes only the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.evaluation.air import smooth
from bench.evaluation.estate import UTC_OFFSET_S, Estate
from firmware_sim.chance import stream
from firmware_sim.herd import Floats, Ints
from firmware_sim.movement import LYING_DAY, LYING_NIGHT

SIGMA = 0.04  # of the count (A2: 18 of 471), made of the three below
BIAS_MEAN, BIAS_SD = -0.01, 0.015  # a camera's own, for as long as it hangs there [I]
DRIFT_SD, DRIFT_HOURS = 0.030, 1.0  # how the herd stands and lies [I]
FRAME_SD = 0.020
SPELLS_A_DAY, SPELL_S, SPELL_MISSED = 0.5, (1_200.0, 5_400.0), (0.04, 0.15)  # bunched at the trough, in the dark [I]
DARK_NIGHT, DARK_FRAME = 0.08, 0.12  # nights without lamp, and single frames too dark on the others [I]
NIGHT_HOURS = (21, 5)
LYING_SD = 0.06  # of the share that lies, drifting with the counts [I]
SEES, DARK = 0, 1


@dataclass(eq=False)
class Eyes:
    """`at_s` (frames,); `share` (cameras, frames) of the true head that is counted; `blind` (cameras, frames): the
    index of a reason in `reasons`, 0 when the picture could be counted; `lies` (cameras, frames): who lies, a share."""

    at_s: Floats
    share: Floats
    blind: Ints
    reasons: list[str]
    lies: Floats

    def cover(self, camera: int, since_s: float, until_s: float, reason: str) -> None:
        """From one moment to another this camera's pictures are unknown for a reason."""
        if reason not in self.reasons:
            self.reasons.append(reason)
        inside = (self.at_s >= since_s) & (self.at_s < until_s)
        self.blind[camera, inside] = self.reasons.index(reason)


def eyes(seed: int, farm: Estate, since_s: float, until_s: float, every_s: float) -> Eyes:
    """All cameras of a farm, one frame each `every_s` seconds."""
    rng = stream(seed, farm.farm.farm_id, "eyes")
    at_s = np.arange(since_s, until_s, every_s)
    shape = (len(farm.cameras), len(at_s))
    memory = float(np.exp(-every_s / (3_600 * DRIFT_HOURS)))
    share = 1 + rng.normal(BIAS_MEAN, BIAS_SD, (shape[0], 1)) + DRIFT_SD * smooth(rng.normal(0, 1, shape), memory)
    share += rng.normal(0, FRAME_SD, shape)
    days = (until_s - since_s) / 86_400
    for camera in range(shape[0]):
        for start in rng.uniform(since_s, until_s, rng.poisson(SPELLS_A_DAY * days)):
            spell = (at_s >= start) & (at_s < start + rng.uniform(*SPELL_S))
            share[camera, spell] -= rng.uniform(*SPELL_MISSED)
    hour = (at_s + UTC_OFFSET_S) // 3_600 % 24
    night = (hour >= NIGHT_HOURS[0]) | (hour < NIGHT_HOURS[1])
    which = ((at_s + UTC_OFFSET_S + 43_200) // 86_400).astype(np.int64)
    unlit = rng.random((shape[0], int(which.max() - which.min()) + 1)) < DARK_NIGHT
    dark = night & (unlit[:, which - which.min()] | (rng.random(shape) < DARK_FRAME))
    resting = np.where((hour < 6) | (hour >= 21), LYING_NIGHT, LYING_DAY)
    lies = resting + LYING_SD * smooth(rng.normal(0, 1, shape), memory)
    return Eyes(at_s, share, np.where(dark, DARK, SEES), ["", "dark"], np.clip(lies, 0, 1))
