"""What a tag measures and how wrong it is. Columns, one entry per uplink; NaN where a tag has nothing to say.

Firmware features assumed (and to be asked of a maker): hourly reports; when the wearer is driven (sustained
movement) a report every five minutes, confirmed, so repeated with the same sequence number until it is heard.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmware_sim.chance import stream
from firmware_sim.herd import Floats, Ints
from firmware_sim.movement import ACTIVITY, activity_mean

# Fix error on animals 10.8 +- 6.8 m (domain 4.2): Rayleigh with sigma 8.62, itself spread by 31 %.
GPS_SIGMA_M, GPS_SPREAD = 8.62, 0.30
GPS_MEMORY = 0.5  # from one hourly fix to the next [I]
GPS_CLIP_M = 28.0  # what goes beyond is an outlier below, and rarer
OUTLIER_SHARE = 0.001  # real logs 0.0002-0.002 jumps (anomaly.md); never twice running: the receiver starts anew
OUTLIER_M = (60.0, 300.0)
NULL_SHARE = 0.005  # (0, 0) fixes: 0.029-0.047 in real collar logs (anomaly.md); less in a modern tag [I]
NO_FIX_SHARE = 0.03
ACTIVITY_ANIMAL_SD, ACTIVITY_HOUR_SD = 6.7, 11.7  # anomaly.md
RUMINATION_PER_DAY_MIN, RUMINATION_SPREAD = 497.0, 0.25  # median of the day (domain 2.3); spread of an hour [I]
STEPS_PER_DAY, STEPS_SPREAD = 2_750.0, 0.35  # 2,500-3,000 a day (domain 2.3)
CORE_C, CORE_SD_C = 38.91, 0.4  # anomaly.md gives 38.91 +- 0.76 over animals and hours
# Core minus ear: 7.9 below 5 degC air, 2.8 at 30-40 (anomaly.md); the ends are extrapolated [I].
_GAP_AIR_C, _GAP_C = (-25.0, 0.0, 35.0), (10.5, 7.9, 2.8)
EAR_SD_C = 1.3
BATTERY_PCT, BATTERY_LOSS_PER_DAY = (62.0, 100.0), (0.05, 0.12)  # about three years of life (domain 8.1)
OLD_SHARE, OLD_BATTERY_PCT = 0.01, (4.0, 14.0)
SILENT_SHARE = (
    0.015  # tags that die during the history (1.4-5 % a year are lost, domain 2.3; more, so that one sees it)
)
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Tags:
    """Traits of every tag and its wearer. `silent_from_s`: epoch seconds of its last breath, inf for most."""

    offset_s: Floats
    activity: Floats
    core_c: Floats
    battery_pct: Floats
    battery_loss: Floats
    silent_from_s: Floats


@dataclass(slots=True)
class FixState:
    """What a GPS receiver carries from fix to fix: its unit error (n, 2) and whether the last was an outlier."""

    error: Floats
    was_outlier: np.ndarray


def tags(seed: int, farm: Ints, begin_s: float, live_s: float) -> Tags:
    """The traits of tags on `farm` (one entry per tag), some of which fall silent between begin and live."""
    rng = stream(seed, "tags")
    n = len(farm)
    battery = rng.uniform(*BATTERY_PCT, n)
    old = rng.random(n) < OLD_SHARE
    battery[old] = rng.uniform(*OLD_BATTERY_PCT, int(old.sum()))
    silent = np.full(n, np.inf)
    for number in np.unique(farm):
        own = np.flatnonzero(farm == number)
        dead = rng.choice(own, max(1, round(SILENT_SHARE * len(own))), replace=False)
        silent[dead] = rng.uniform(begin_s + 0.1 * (live_s - begin_s), live_s - 0.1 * (live_s - begin_s), len(dead))
    return Tags(
        offset_s=np.floor(rng.uniform(30, 3_570, n)), activity=rng.normal(0, ACTIVITY_ANIMAL_SD, n),
        core_c=rng.normal(CORE_C, CORE_SD_C, n), battery_pct=battery,
        battery_loss=rng.uniform(*BATTERY_LOSS_PER_DAY, n), silent_from_s=silent,
    )  # fmt: skip


def activity(traits: Floats, hour: Floats, rng: np.random.Generator) -> Floats:
    """0-100, at local `hour`."""
    return np.clip(activity_mean(hour) + traits + rng.normal(0, ACTIVITY_HOUR_SD, len(traits)), 0, 100)


def steps(active: Floats, hours: float, rng: np.random.Generator) -> Floats:
    """Steps in the `hours` since the previous uplink."""
    usual: Floats = STEPS_PER_DAY / 24 * hours * active / ACTIVITY.mean()
    return np.round(usual * np.exp(rng.normal(-(STEPS_SPREAD**2) / 2, STEPS_SPREAD, len(active))))


def rumination_min(active: Floats, rng: np.random.Generator) -> Floats:
    """Minutes of the past hour spent ruminating: animals ruminate at rest, so most where they move least."""
    usual = RUMINATION_PER_DAY_MIN / 24 * np.clip(1.5 - 0.5 * active / ACTIVITY.mean(), 0.2, 1.5)
    minutes: Floats = usual * np.exp(rng.normal(-(RUMINATION_SPREAD**2) / 2, RUMINATION_SPREAD, len(active)))
    return np.clip(minutes, 0.0, 60.0)


def ear_temp_c(core_c: Floats, air_c: Floats, rng: np.random.Generator) -> Floats:
    """Surface of the ear: follows the air, far below core."""
    return core_c - np.interp(air_c, _GAP_AIR_C, _GAP_C) + rng.normal(0, EAR_SD_C, len(core_c))


@dataclass(frozen=True, slots=True)
class Fixes:
    """Where tags believe to be: offset (n, 2) in metres from the truth, own estimate, and the useless ones."""

    offset_m: Floats
    error_m: Floats
    is_null: np.ndarray
    is_missing: np.ndarray


def fixes(state: FixState, rng: np.random.Generator) -> Fixes:
    """One fix of every tag; advances `state`."""
    n = len(state.error)
    state.error = GPS_MEMORY * state.error + np.sqrt(1 - GPS_MEMORY**2) * rng.normal(0, 1, (n, 2))
    sigma = GPS_SIGMA_M * np.exp(rng.normal(-(GPS_SPREAD**2) / 2, GPS_SPREAD, n))
    offset = _clipped(state.error * sigma[:, None])
    error = sigma * 1.25 * np.exp(rng.normal(0, 0.2, n))
    outlier = (rng.random(n) < OUTLIER_SHARE) & ~state.was_outlier
    far, way = rng.uniform(*OUTLIER_M, n), rng.uniform(0, 2 * np.pi, n)
    thrown = np.column_stack([far * np.cos(way), far * np.sin(way)])
    state.was_outlier = outlier
    chance = rng.random(n)
    return Fixes(
        offset_m=np.where(outlier[:, None], thrown, offset),
        error_m=np.where(outlier, far * 0.4, error),
        is_null=chance < NULL_SHARE,
        is_missing=(chance >= NULL_SHARE) & (chance < NULL_SHARE + NO_FIX_SHARE),
    )


def alarm_fix(rng: np.random.Generator) -> tuple[float, float, float]:
    """Offset in x and y and own estimate, metres: moving and awake, the receiver always has a fix."""
    sigma = GPS_SIGMA_M * float(np.exp(rng.normal(-(GPS_SPREAD**2) / 2, GPS_SPREAD)))
    x, y = _clipped(rng.normal(0, sigma, (1, 2)))[0]
    return float(x), float(y), min(GPS_CLIP_M, sigma * 1.25)


def _clipped(offset: Floats) -> Floats:
    length = np.hypot(offset[:, 0], offset[:, 1])
    return np.asarray(offset * np.minimum(1.0, GPS_CLIP_M / np.maximum(length, 1e-9))[:, None])
