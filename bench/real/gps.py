"""Collars: faults removed, fence alerts with and without that, and days on a truck."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np
import shapely

from collateral.anomaly.removal.left_fence import LIMITS
from collateral.facts.fix_faults import ANIMAL_M_S, faults, ground_m
from collateral.facts.outside import is_beyond
from collateral.model.place import Fence, Position
from collateral.model.reading import Fix

CORE = (0.01, 0.99)
SEED = 5
ZERO_SHARE, LEAP_SHARE, LEAP_DEG = 0.04, 0.002, 0.045
TRIP_KM = 40.0
"""More than any animal walks in a day (2.7-4.1 km, anomaly.md) by an order of magnitude [I]."""
APART = timedelta(hours=2)
"""Legs across a longer silence say nothing about the speed in between."""


def figures(folder: Path) -> dict[str, object]:
    """Per file, and all together."""
    files = {path.name.split(".")[0]: _of_file(read(path)) for path in sorted(folder.glob("gps_*.csv.gz"))}
    days = sum(float(file["animal_days"]) for file in files.values())
    return {
        "files": files,
        "animal_days": round(days, 1),
        "fence_alerts_per_1000_animal_days": {
            way: round(1000 * sum(file["fence_alerts"][way] for file in files.values()) / days, 1)
            for way in ("as_logged", "faults_removed", "two_fixes_and_faults_removed")
        },
        "injected": _injected(folder),
        "transport_days": [{"file": name} | day for name, file in files.items() for day in file["transport_days"]],
    }


def _injected(folder: Path) -> dict[str, object]:
    """The extract holds no (0, 0) fixes (they were cut from it): put back as many as collars send (2.9-4.7 %), and
    0.2 % leaps of 5 km, into the days at home; what is removed, and what fence alerts they cost until then."""
    rng = np.random.default_rng(SEED)
    put = removed = lost = 0
    raised = dict.fromkeys(("sound", "as_logged", "two_fixes", "two_fixes_and_faults_removed"), 0)
    days = 0
    for path in sorted(folder.glob("gps_*.csv.gz")):
        fixes = at_home(sound(read(path)))
        spoilt, marks = _spoilt(fixes, rng)
        found = faults(spoilt)
        put += int(marks.sum())
        removed += sum(fault is not None for fault, mark in zip(found, marks, strict=True) if mark)
        lost += sum(fault is not None for fault, mark in zip(found, marks, strict=True) if not mark)
        fence = core_fence(fixes)
        raised["sound"] += alerts(fence, fixes, run=2)
        raised["as_logged"] += alerts(fence, spoilt, run=1)
        raised["two_fixes"] += alerts(fence, spoilt, run=2)
        left = [fix for fix, fault in zip(spoilt, found, strict=True) if fault is None]
        raised["two_fixes_and_faults_removed"] += alerts(fence, left, run=2)
        days += len({fix.measured_at.date() for fix in fixes})
    return {
        "put": put, "removed": removed, "sound_fixes_removed": lost,
        "fence_alerts_per_1000_animal_days": {way: round(1000 * n / days, 1) for way, n in raised.items()},
    }  # fmt: skip


def _spoilt(fixes: list[Fix], rng: np.random.Generator) -> tuple[list[Fix], np.ndarray]:
    chance = rng.random(len(fixes))
    zero, leap = chance < ZERO_SHARE, (chance >= ZERO_SHARE) & (chance < ZERO_SHARE + LEAP_SHARE)
    spoilt = []
    for fix, is_zero, is_leap in zip(fixes, zero, leap, strict=True):
        place = Position(0.0, 0.0) if is_zero else fix.position
        if is_leap:
            place = Position(place.latitude + LEAP_DEG, place.longitude)
        spoilt.append(Fix(measured_at=fix.measured_at, position=place, error_m=fix.error_m))
    return spoilt, zero | leap


def read(path: Path) -> list[Fix]:
    """The fixes of a logger in order of time, one a moment; `ehpe` is its error in hundredths of a metre."""
    found: dict[datetime, Fix] = {}
    with gzip.open(path, "rt") as lines:
        for row in csv.DictReader(lines):
            at = datetime.fromisoformat(row["t"]).replace(tzinfo=UTC)
            place = Position(float(row["latitude"]), float(row["longitude"]))
            found[at] = Fix(measured_at=at, position=place, error_m=float(row["ehpe"]) / 100)
    return [found[at] for at in sorted(found)]


def sound(fixes: Sequence[Fix]) -> list[Fix]:
    """What is left when faults are removed."""
    return [fix for fix, fault in zip(fixes, faults(fixes), strict=True) if fault is None]


def _of_file(fixes: list[Fix]) -> dict[str, object]:
    marks = faults(fixes)
    left = [fix for fix, fault in zip(fixes, marks, strict=True) if fault is None]
    fence = core_fence(left)
    trips = trips_of(left)
    steps = [(b.measured_at - a.measured_at).total_seconds() for a, b in pairwise(fixes)]
    span = (fixes[-1].measured_at - fixes[0].measured_at).total_seconds()
    placed = [fix for fix, mark in zip(fixes, marks, strict=True) if mark != "zero"]
    return {
        "fixes": len(fixes),
        "animal_days": round(len({fix.measured_at.date() for fix in left}), 1),
        "zero_pct": round(100 * marks.count("zero") / len(fixes), 2),
        "over_3_m_s_pct": round(100 * _fast_legs(placed) / max(len(placed), 1), 2),
        "jumps_removed": marks.count("jump"),
        "over_3_m_s_left_pct": round(100 * _fast_legs(left) / max(len(left), 1), 2),
        "coverage_pct": round(100 * min(1.0, len(left) * median(steps) / span), 1),
        "fence_alerts": {
            "as_logged": alerts(fence, at_home(fixes, trips), run=1),
            "faults_removed": alerts(fence, at_home(left, trips), run=1),
            "two_fixes_and_faults_removed": alerts(fence, at_home(left, trips), run=2),
        },
        "transport_days": trips,
    }


def at_home(fixes: Sequence[Fix], trips: list[dict[str, object]] | None = None) -> list[Fix]:
    """The fixes of days without transport: on the others a fence alert is a true one."""
    away = {trip["day"] for trip in (trips_of(fixes) if trips is None else trips)}
    return [fix for fix in fixes if str(fix.measured_at.date()) not in away]


def _fast_legs(fixes: Sequence[Fix]) -> int:
    return sum(_m_s(a, b) > ANIMAL_M_S for a, b in pairwise(fixes))


def _m_s(a: Fix, b: Fix) -> float:
    return ground_m(a.position, b.position) / max((b.measured_at - a.measured_at).total_seconds(), 1.0)


def core_fence(fixes: Sequence[Fix]) -> Fence:
    """The convex hull of the fixes between the 1 % and 99 % points of both coordinates."""
    places = np.array([(fix.position.longitude, fix.position.latitude) for fix in fixes])
    low, high = np.quantile(places, CORE, axis=0)
    core = places[((places >= low) & (places <= high)).all(axis=1)]
    hull = shapely.MultiPoint(core).convex_hull
    return Fence(tuple(Position(lat, lon) for lon, lat in list(shapely.get_coordinates(hull))[:-1]))


def alerts(fence: Fence, fixes: Sequence[Fix], run: int) -> int:
    """How often the newest run of fixes beyond the fence grows to `run`, as `left_fence` sees it: two."""
    found = length = 0
    for fix in fixes:
        length = length + 1 if is_beyond(fence, fix) else 0
        found += length == run
    return found


def trips_of(fixes: Sequence[Fix]) -> list[dict[str, object]]:
    """Days on which an animal got farther than it can walk, with the fastest leg between fixes 2 h apart or less."""
    metres: dict[date, float] = defaultdict(float)
    fastest: dict[date, float] = defaultdict(float)
    for a, b in pairwise(fixes):
        day = b.measured_at.date()
        metres[day] += ground_m(a.position, b.position)
        if b.measured_at - a.measured_at <= APART:
            fastest[day] = max(fastest[day], 3.6 * _m_s(a, b))
    return [
        {
            "day": str(day), "km": round(metres[day] / 1000, 1), "fastest_kmh": round(fastest[day], 1),
            "at_lorry_speed": fastest[day] > LIMITS.lorry_kmh,
        }
        for day in sorted(metres) if metres[day] > TRIP_KM * 1000
    ]  # fmt: skip
