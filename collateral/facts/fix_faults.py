"""Fixes that no animal can have walked to: the decision that `collateral.store.fix_faults` makes in the database.

A fix is at fault when it is there and back (reached and left faster than 3 m/s, while its neighbours agree), or reached
faster than 70 m/s, which no vehicle on a road does, from a fix that is not itself there and back. A truck is no fault:
it keeps going. Distances within the two fixes' own errors say nothing, nor do neighbours more than a day apart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from collateral.facts.geometry import is_null_island
from collateral.model.place import Position
from collateral.model.reading import Fix

ANIMAL_M_S = 3.0
ROAD_M_S = 70.0
USUAL_ERROR_M = 25.0
"""Where a tag tells no error: the middle of what collars tell (median 19-30 m)."""
APART_S = 86_400.0
EARTH_DIAMETER_M = 12_742_016.0


def faults(fixes: Sequence[Fix]) -> list[str | None]:
    """Per fix, in order of time: `zero` at (0, 0), `jump`, or None. Fixes at (0, 0) are nobody's neighbours."""
    found: list[str | None] = ["zero" if is_null_island(fix.position) else None for fix in fixes]
    trail = [row for row, fault in enumerate(found) if fault is None]
    hasty = [False, *(_is_hasty(fixes[a], fixes[b]) for a, b in pairwise(trail)), False]
    was_spike = False
    for place in range(1, len(trail)):
        before, here = fixes[trail[place - 1]], fixes[trail[place]]
        is_spike = hasty[place] and hasty[place + 1] and _agree(before, fixes[trail[place + 1]])
        if is_spike or (hasty[place] and not was_spike and _speed_exceeds(before, here, ROAD_M_S)):
            found[trail[place]] = "jump"
        was_spike = is_spike
    return found


def ground_m(a: Position, b: Position) -> float:
    """Distance on a sphere in metres, as the database's function of that name."""
    north, east = math.radians(b.latitude - a.latitude), math.radians(b.longitude - a.longitude)
    shrunk = math.cos(math.radians(a.latitude)) * math.cos(math.radians(b.latitude))
    return EARTH_DIAMETER_M * math.asin(
        min(1.0, math.sqrt(math.sin(north / 2) ** 2 + shrunk * math.sin(east / 2) ** 2))
    )


def _is_hasty(a: Fix, b: Fix) -> bool:
    """Reached faster than an animal walks, and farther than both errors explain."""
    return (
        _seconds(a, b) <= APART_S
        and ground_m(a.position, b.position) > _error(a) + _error(b)
        and _speed_exceeds(a, b, ANIMAL_M_S)
    )


def _agree(a: Fix, b: Fix) -> bool:
    return ground_m(a.position, b.position) <= max(_error(a) + _error(b), ANIMAL_M_S * _seconds(a, b))


def _speed_exceeds(a: Fix, b: Fix, limit_m_s: float) -> bool:
    return ground_m(a.position, b.position) > limit_m_s * _seconds(a, b)


def _seconds(a: Fix, b: Fix) -> float:
    return (b.measured_at - a.measured_at).total_seconds()


def _error(fix: Fix) -> float:
    return USUAL_ERROR_M if fix.error_m is None else fix.error_m
