"""Calvings and heats on real neck tags: how activity answers, and what the engine's measures make of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from bench.real import tags
from bench.real.tags import BIN, BINS, Tags
from collateral.anomaly.common_mode import Herds, without_common_mode
from collateral.anomaly.health.breeding import LIMITS
from collateral.anomaly.stream.detector import StreamDetector
from collateral.facts.series import Floats

RISE = 20.0
USUAL_ACTIVITY = 38.0
"""Mean raw activity of these tags (anomaly.md): the file of fifty days holds changes alone."""
ROUSED_BINS = 3
BEFORE_DAYS, LEAST_BEFORE_DAYS, AFTER_DAYS = 7, 2, 5
LEAST_WINDOW_BINS = 9
WINDOW = timedelta(hours=36)
OBSERVED = timedelta(days=50)
"""So long after calving were heats looked for."""
SLACK = timedelta(hours=12)
ALERT = 0.5


@dataclass(frozen=True, eq=False)
class Herd:
    """A herd's activity change with what is known of it, and the engine's two measures per bin."""

    tags: Tags
    roused: Floats
    stream: Floats


def figures(folder: Path) -> dict[str, object]:
    """Calving response and heat detection over both files of tags."""
    herds = [_herd(folder / f"{name}.csv") for name in ("fifty_day_activity_change_2h", "weekly_raw_activity_2h")]
    calvings, heats = tags.calvings(folder), tags.heats(folder)
    return {"calving": _calving(herds, calvings, heats), "oestrus": _oestrus(herds, calvings, heats)}


def _herd(file: Path) -> Herd:
    read = tags.read(file, "activity_change")
    one = np.zeros(len(read.cows), np.int64)
    left = without_common_mode(read.values, Herds(one, one))
    # Where fewer than eight mates are measured the change itself stands: it is against the cow's own habit already.
    left = np.where(np.isnan(left), read.values, left)
    return Herd(read, _six_hours(left) / USUAL_ACTIVITY, _streams(read))


def _six_hours(values: Floats) -> Floats:
    """The mean of three bins, of which two were measured."""
    stacked = np.stack([np.roll(values, back, axis=1) for back in range(ROUSED_BINS)])
    for back in range(ROUSED_BINS):
        stacked[back, :, :back] = np.nan
    known = np.count_nonzero(~np.isnan(stacked), axis=0)
    return np.where(known >= 2, np.nansum(stacked, axis=0) / np.maximum(known, 1), np.nan).astype(np.float32)


def _streams(read: Tags) -> Floats:
    at_s, told = read.at_s(), np.zeros(read.values.shape, np.float32)
    for cow, values in enumerate(read.values):
        detector = StreamDetector()
        told[cow] = [detector.push(at, float(value)) for at, value in zip(at_s, values, strict=True)]
    return told


def _daily_peaks(herd: Herd, row: int, until: int) -> Floats:
    """The highest change of each of the seven days before a bin, or from five days after it where too few are there."""
    for first in (until - BEFORE_DAYS * BINS, until + AFTER_DAYS * BINS):
        days = [
            herd.tags.values[row, max(first + d * BINS, 0) : max(first + (d + 1) * BINS, 0)] for d in range(BEFORE_DAYS)
        ]
        peaks = np.array([np.nanmax(day) for day in days if np.isfinite(day).any()], np.float32)
        if len(peaks) >= LEAST_BEFORE_DAYS:
            return peaks
    return np.empty(0, np.float32)


def _rise(herd: Herd, row: int, start: int) -> float:
    """The highest change of 36 h less the median daily peak before; NaN where too little was measured."""
    window = herd.tags.values[row, max(start, 0) : max(start + int(WINDOW / BIN), 0)]
    before = _daily_peaks(herd, row, start)
    if not len(before) or np.count_nonzero(np.isfinite(window)) < LEAST_WINDOW_BINS:
        return float("nan")
    return float(np.nanmax(window) - np.median(before))


def _calving(herds: list[Herd], calvings: dict[str, datetime], heats: list[tags.Heat]) -> dict[str, object]:
    rises, roused, stream, base = [], [], [], []
    for herd, row, cow in _cows(herds, calvings):
        start = herd.tags.bin(calvings[cow] - SLACK)
        rise = _rise(herd, row, start)
        if not np.isnan(rise):
            span = slice(max(start, 0), max(start, 0) + int(WINDOW / BIN))
            rises.append(rise)
            roused.append(_is_restless(herd, row, span.start))
            stream.append(bool(herd.stream[row, span].max() >= ALERT))
        base += [
            (_rise(herd, row, begin), _is_restless(herd, row, begin))
            for begin in range(0, herd.tags.values.shape[1] - 18, 18)
            if not _is_known(herd, cow, begin, calvings, heats)
        ]  # fmt: skip
    usual = np.array([rise for rise, _ in base if not np.isnan(rise)])
    restless = [is_roused for rise, is_roused in base if not np.isnan(rise)]
    return {
        "calvings": len(calvings), "judged": len(rises), "rose_by_20_in_36_h": int(sum(rise >= RISE for rise in rises)),
        "share": round(float(np.mean(np.array(rises) >= RISE)), 3),
        "base_rate_36_h": round(float(np.mean(usual >= RISE)), 3), "base_windows": len(usual),
        "restless_by_engine": int(sum(roused)), "restless_base_rate_36_h": round(float(np.mean(restless)), 3),
        "stream_score_over_half": int(sum(stream)), "median_daily_peak_by_day": _peaks_by_day(herds, calvings),
    }  # fmt: skip


def _is_restless(herd: Herd, row: int, first: int) -> bool:
    """Whether some 6 h of the 36 h from a bin on reach the engine's share for calving."""
    return bool(np.nanmax(herd.roused[row, first : first + int(WINDOW / BIN)], initial=-1) >= LIMITS.calving_share)


def _peaks_by_day(herds: list[Herd], calvings: dict[str, datetime]) -> dict[int, float]:
    """The median over cows of the highest change of each day from 6 before to 6 after the calving."""
    found: dict[int, list[float]] = {}
    for herd, row, cow in _cows(herds, calvings):
        for day in range(-6, 7):
            first = herd.tags.bin(calvings[cow] + timedelta(days=day))
            values = herd.tags.values[row, max(first, 0) : max(first + BINS, 0)]
            if np.isfinite(values).any():
                found.setdefault(day, []).append(float(np.nanmax(values)))
    return {day: float(np.median(peaks)) for day, peaks in sorted(found.items())}


def _is_known(herd: Herd, cow: str, begin: int, calvings: dict[str, datetime], heats: list[tags.Heat]) -> bool:
    """Whether a window lies within five days of the calving or touches a heat."""
    start = herd.tags.first + begin * BIN
    if abs(start - calvings[cow]) < timedelta(days=5):
        return True
    return any(h.cow == cow and h.start - SLACK <= start + WINDOW and start <= h.stop + SLACK for h in heats)


def _oestrus(herds: list[Herd], calvings: dict[str, datetime], heats: list[tags.Heat]) -> dict[str, object]:
    found = {"oestrus_rule": [0, 0], "stream_score": [0, 0]}
    events, days = 0, 0.0
    for herd, row, cow in _cows(herds, calvings):
        own = [heat for heat in heats if heat.cow == cow]
        first, last = herd.tags.bin(calvings[cow]), herd.tags.bin(calvings[cow] + OBSERVED)
        seen = np.zeros(herd.tags.values.shape[1], np.bool_)
        seen[max(first, 0) : last] = True
        seen &= np.isfinite(herd.tags.values[row])
        events += len(own)
        days += seen.sum() / BINS
        calm = seen.copy()
        for heat in own:
            calm[max(herd.tags.bin(heat.start - SLACK), 0) : herd.tags.bin(heat.stop + SLACK) + 1] = False
        calm[max(first - BINS, 0) : first + int(1.5 * BINS)] = False
        for name, flags in (
            ("oestrus_rule", herd.roused[row] >= LIMITS.oestrus_share), ("stream_score", herd.stream[row] >= ALERT),
        ):  # fmt: skip
            for heat in own:
                found[name][0] += bool(flags[herd.tags.bin(heat.start) : herd.tags.bin(heat.stop + SLACK) + 1].any())
            found[name][1] += _episodes(flags & calm)
    return {
        "heats": events, "animal_days": round(float(days), 1),
        **{
            name: {
                "found": hits, "sensitivity": round(hits / events, 3),
                "false_per_1000_animal_days": round(1000 * false / days, 1),
            }
            for name, (hits, false) in found.items()
        },
    }  # fmt: skip


def _cows(herds: list[Herd], calvings: dict[str, datetime]) -> Iterator[tuple[Herd, int, str]]:
    """The cows that have calved, with their herd and row."""
    for herd in herds:
        yield from ((herd, row, cow) for row, cow in enumerate(herd.tags.cows) if cow in calvings)


def _episodes(flags: np.ndarray) -> int:
    """Runs of flags, those less than a day apart taken as one."""
    at = np.flatnonzero(flags)
    return int(at.size > 0) + int((np.diff(at) > BINS).sum())
