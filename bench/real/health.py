"""False health alerts on real neck tags: ordinary days, and the same days made a herd day of -25 %."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.real import tags
from bench.real.tags import BINS
from collateral.anomaly.common_mode import Herds, against_own, mean, median, without_common_mode
from collateral.anomaly.data_quality import is_out_of_range, lies_still
from collateral.anomaly.false_discovery import discoveries
from collateral.anomaly.stream.detector import scores
from collateral.anomaly.tail import chance_of_lower, score
from collateral.facts.series import BASELINE_DAYS, Channel, Floats
from collateral.facts.usual import usual_day

HOT = 0.75
WINDOW_DAYS = 3
LEAST_BINS = 9
ALERT = 0.5
Called = tuple[np.ndarray, np.ndarray]


def figures(folder: Path) -> dict[str, object]:
    """Alerts per 1,000 animal-days, by the engine and with its two steps left out in turn."""
    herd = tags.read(folder / "weekly_raw_activity_2h.csv", "raw_activity_data")
    activity = herd.values
    days = range(BASELINE_DAYS + 2, activity.shape[1] // BINS)
    found = {
        name: [_called(_on_day(activity, day, factor), day, **how) for day in days]
        for name, factor, how in (
            ("ordinary", 1.0, {}), ("hot", HOT, {}),
            ("ordinary_without_herd", 1.0, {"herd": False}), ("hot_without_herd", HOT, {"herd": False}),
            ("ordinary_p_01", 1.0, {"controlled": False}), ("hot_p_01", HOT, {"controlled": False}),
        )
    }  # fmt: skip
    rates = {name: _per_1000(called) for name, called in found.items()}
    halved, third = (_sensitivity(activity, days, left) for left in (0.5, 0.3))
    judged_days = int(sum(judged.sum() for _, judged in found["ordinary"]))
    return {
        "cows": len(activity), "days": len(days), "animal_days": judged_days,
        "false_per_1000_animal_days": rates,
        "hot_to_ordinary": round(rates["hot"] / rates["ordinary"], 2) if rates["ordinary"] else None,
        "found_of_cows_at_half_activity": halved, "found_of_cows_at_30_pct_activity": third,
        "herd_stream_days_over_half": {
            "ordinary": sum(_herd_is_unusual(herd, day, 1.0) for day in days),
            "hot": sum(_herd_is_unusual(herd, day, HOT) for day in days),
            "half": sum(_herd_is_unusual(herd, day, 0.5) for day in days),
        },
        "by_day": {name: [int(called.sum()) for called, _ in found[name]] for name in ("ordinary", "hot")},
    }  # fmt: skip


def _herd_is_unusual(herd: tags.Tags, day: int, factor: float) -> bool:
    """Whether the stream of the herd's median reaches 0.5 on a day, with the day made another."""
    middle, _ = median(_on_day(herd.values, day, factor))
    told = list(scores(zip(herd.at_s(), middle.tolist(), strict=True)))
    return max(told[day * BINS : (day + 1) * BINS]) >= ALERT


def _on_day(activity: Floats, day: int, factor: float) -> Floats:
    changed = activity.copy()
    changed[:, day * BINS : (day + 1) * BINS] *= factor
    return changed


def _called(activity: Floats, day: int, *, herd: bool = True, controlled: bool = True) -> Called:
    """Who is called low on a day, and who was judged: the engine's steps, with bins for hours."""
    first = (day + 1 - WINDOW_DAYS) * BINS
    channel = Channel(activity[:, first : (day + 1) * BINS], *_habit(activity[:, :first]))
    cows = Herds(np.zeros(len(activity), np.int64), np.zeros(len(activity), np.int64))
    level = mean(channel.usual)
    left = against_own(channel, np.arange(WINDOW_DAYS * BINS) % BINS, WINDOW_DAYS * BINS) / level[:, None]
    if herd:
        left = without_common_mode(left, cows)
    chances = chance_of_lower(score(left, np.asarray(channel.spread / level, np.float32), cows.kind, BINS, LEAST_BINS))
    chances[is_out_of_range(level, cows.kind) | lies_still(mean(channel.values[:, -BINS:]), level)] = np.nan
    called = discoveries(chances) if controlled else chances < 0.01
    return called, np.isfinite(chances)


def _habit(past: Floats) -> tuple[Floats, Floats]:
    hours = np.arange(past.shape[1] * 2) % 24
    usual, spread = usual_day(np.repeat(past, 2, axis=1), hours)
    return usual[:, ::2], spread


def _per_1000(found: list[Called]) -> float:
    return round(
        1000 * sum(int(called.sum()) for called, _ in found) / sum(int(judged.sum()) for _, judged in found), 2
    )


def _sensitivity(activity: Floats, days: range, left: float) -> float:
    """Two cows a day slow down to a share of themselves: how many are called, of those that were judged."""
    hits = asked = 0
    for day in days:
        judged = np.flatnonzero(_called(activity, day)[1])
        ill = judged[[(5 * day) % judged.size, (11 * day + 3) % judged.size]]
        slowed = activity.copy()
        slowed[ill, day * BINS : (day + 1) * BINS] *= left
        hits, asked = hits + int(_called(slowed, day)[0][ill].sum()), asked + ill.size
    return round(hits / asked, 3)
