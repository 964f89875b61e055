"""What healthy bodies do, hour by hour, as tags measure it: (animals, hours) float32 per channel.

Means, spreads and daily courses are those of the simulated firmware's tag and of the real herds behind it
(anomaly.md); the herd's common days are ours [I].
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.evaluation.air import Air, smooth
from bench.evaluation.estate import Estate
from firmware_sim import tag
from firmware_sim.chance import stream
from firmware_sim.herd import Floats
from firmware_sim.movement import activity_mean

Column = npt.NDArray[np.float32]

MEMORY = 0.24  # of activity from one bin to the next (anomaly.md)
HERD_DAY_SD = 0.06  # the herd's common mode: some days everybody moves more [I]
HEAT_FROM_THI, HEAT_PER_THI = 72.0, 0.015  # activity and rumination lost per point of THI above [I]
RUMINATION_ANIMAL_SD = 0.17  # between cows, from the IQR 451-566 of 497 min (domain 2.3)


@dataclass(eq=False)
class Body:
    """Per animal and hour, as the hour really was; a scenario writes into it from its moment on."""

    activity: Column
    steps: Column
    rumination: Column
    temp_c: Column


def body(seed: int, farm: Estate, air: Air, first_hour: int) -> Body:
    """A healthy herd's hours. `first_hour`: local hour of day in which column 0 begins."""
    rng = stream(seed, farm.farm.farm_id, "body")
    n, hours = farm.head, len(air.temp_c)
    local = (first_hour + np.arange(hours)) % 24
    day = np.exp(HERD_DAY_SD * smooth(rng.normal(0, 1, hours // 24 + 1), 0.5))[np.arange(hours) // 24]
    calm = 1.0 - HEAT_PER_THI * np.clip(air.thi - HEAT_FROM_THI, 0, None)
    usual = activity_mean(local + 0.5) * day * calm
    trait = rng.normal(0, tag.ACTIVITY_ANIMAL_SD, (n, 1))
    noise = tag.ACTIVITY_HOUR_SD * smooth(rng.standard_normal((n, hours), np.float32), MEMORY)
    active = np.clip(usual + trait + noise, 0, 100).astype(np.float32)
    core = (rng.normal(tag.CORE_C, tag.CORE_SD_C, (n, 1)) + 0 * active).astype(np.float32)
    ruminates = np.exp(rng.normal(0, RUMINATION_ANIMAL_SD, (n, 1))) * calm
    return Body(
        activity=active,
        steps=_by_hour(lambda a: tag.steps(a, 1.0, rng), active),
        rumination=np.clip(_by_hour(lambda a: tag.rumination_min(a, rng), active) * ruminates, 0, 60).astype(
            np.float32
        ),
        temp_c=_ear(core, air, rng),
    )  # fmt: skip


def _by_hour(measure: Callable[[Column], Floats], active: Column) -> Column:
    made = measure(active.reshape(-1))
    return np.asarray(made, np.float32).reshape(active.shape)


def _ear(core: Column, air: Air, rng: np.random.Generator) -> Column:
    wide = np.broadcast_to(air.temp_c, core.shape).reshape(-1)
    return np.asarray(tag.ear_temp_c(core.reshape(-1), wide, rng), np.float32).reshape(core.shape)
