"""Air temperature on the farms: season, time of day, and weather that comes and goes. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmware_sim.chance import stream
from firmware_sim.herd import Floats

DAY_S, YEAR_S = 86_400.0, 365.25 * 86_400.0
# Hebei-Inner Mongolia plateau, rounded climate figures [I]
YEAR_MEAN_C, YEAR_SWING_C, DAY_SWING_C = 6.0, 16.0, 6.0
WARMEST_DAY_S, WARMEST_HOUR_S = 200 * DAY_S, 15 * 3600.0
FRONTS_C = (2.5, 2.0, 1.5)
FRONTS_DAYS = (3.1, 5.3, 11.7)


@dataclass(frozen=True, slots=True)
class Weather:
    """Seeded; one phase per front and farm."""

    phases: Floats  # (farms, fronts)

    def air_c(self, at_s: Floats, farm: int | np.ndarray, local_s: Floats) -> Floats:
        """Air temperature at epoch seconds `at_s`; `local_s` is the same moment in local seconds."""
        season = YEAR_SWING_C * np.cos(2 * np.pi * (at_s % YEAR_S - WARMEST_DAY_S) / YEAR_S)
        hour = DAY_SWING_C * np.cos(2 * np.pi * (local_s % DAY_S - WARMEST_HOUR_S) / DAY_S)
        air = YEAR_MEAN_C + season + hour
        for front, (size, days) in enumerate(zip(FRONTS_C, FRONTS_DAYS, strict=True)):
            air = air + size * np.sin(2 * np.pi * at_s / (days * DAY_S) + self.phases[farm, front])
        return np.asarray(air)


def weather(seed: int, farms: int) -> Weather:
    """The weather of `farms` farms under a seed."""
    return Weather(stream(seed, "weather").uniform(0, 2 * np.pi, (farms, len(FRONTS_C))))
