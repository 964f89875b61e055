"""The air over a farm by the hour: the simulated firmware's temperature, humidity, and what they feel like."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.evaluation.estate import UTC_OFFSET_S
from firmware_sim import weather
from firmware_sim.chance import stream
from firmware_sim.herd import Floats

HOUR_S = 3600.0
HUMIDITY_MEAN, HUMIDITY_SUMMER, HUMIDITY_DAY, HUMIDITY_SD = 0.55, 0.10, 0.15, 0.08  # plateau, rounded [I]


@dataclass(frozen=True, eq=False)
class Air:
    """(hours,): degrees Celsius and humidity 0-1 of the hour."""

    temp_c: Floats
    humidity: Floats

    @property
    def thi(self) -> Floats:
        """Temperature-humidity index, T in degrees Celsius, RH 0-1 (domain 2.3)."""
        return 0.8 * self.temp_c + self.humidity * (self.temp_c - 14.4) + 46.4


def air(seed: int, name: str, begins_s: float, hours: int) -> Air:
    """The weather at farm `name` from `begins_s` on."""
    at_s = begins_s + HOUR_S * (np.arange(hours) + 0.5)
    local_s = at_s + UTC_OFFSET_S
    temp = weather.weather(seed, 1).air_c(at_s, 0, local_s)
    rng = stream(seed, name, "humidity")
    season = HUMIDITY_SUMMER * np.cos(2 * np.pi * (at_s % weather.YEAR_S - weather.WARMEST_DAY_S) / weather.YEAR_S)
    day = HUMIDITY_DAY * np.cos(2 * np.pi * (local_s % weather.DAY_S - 5 * HOUR_S) / weather.DAY_S)
    drift = smooth(rng.normal(0, 1, hours), 0.95)
    return Air(temp, np.clip(HUMIDITY_MEAN + season + day + HUMIDITY_SD * drift, 0.15, 0.99))


def smooth(noise: Floats, memory: float) -> Floats:
    """First-order autoregression along the last axis with unit variance, from white noise of unit variance."""
    made = np.empty_like(noise)
    made[..., 0] = noise[..., 0]
    fresh = np.sqrt(1 - memory**2)
    for i in range(1, noise.shape[-1]):
        made[..., i] = memory * made[..., i - 1] + fresh * noise[..., i]
    return made
