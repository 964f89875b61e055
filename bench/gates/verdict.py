"""How far off a counter was: per group of clips, and beside another counter on the same clips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.gates.clip import Clip

RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Count:
    """What a counter said of a clip. ms_per_frame: processor time. ambiguous: what is not proven; None: no word."""

    come: int
    gone: int
    ms_per_frame: float
    ambiguous: int | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Errors over the clips of a group.

    net_mae: of head in less head out. per_100: |net error| summed, per 100 passages that truly happened (for clips
    with none, per 100 animals). gross_per_100: errors of in and of out added up, likewise. exact: share of clips with
    the right net; exact_both: with in and out both right.
    """

    clips: int
    passages: int
    net_mae: float
    per_100: float
    gross_per_100: float
    exact: float
    exact_both: float
    ms_per_frame: float
    flagged: int | None = None
    exact_unflagged: float | None = None


def net_errors(clips: Sequence[Clip], counts: dict[str, Count]) -> np.ndarray:
    """(N,) absolute error of the net count, head."""
    return np.array([abs(_net(counts[c.name]) - (c.come - c.gone)) for c in clips], float)


def figures(clips: Sequence[Clip], counts: dict[str, Count]) -> Figures:
    """The figures of one counter on clips that it has all counted. Raises ValueError for none."""
    if not clips:
        raise ValueError("no clips: nothing was counted")
    net = net_errors(clips, counts)
    gross = np.array([abs(counts[c.name].come - c.come) + abs(counts[c.name].gone - c.gone) for c in clips], float)
    passages = sum(c.passages for c in clips) or sum(c.head for c in clips)
    flagged, sure = _flags(clips, counts, net)
    return Figures(
        clips=len(clips),
        passages=sum(c.passages for c in clips),
        net_mae=_round(net.mean()),
        per_100=_round(100 * net.sum() / passages, 2),
        gross_per_100=_round(100 * gross.sum() / passages, 2),
        exact=_round((net == 0).mean()),
        exact_both=_round((gross == 0).mean()),
        ms_per_frame=_round(np.median([counts[c.name].ms_per_frame for c in clips])),
        flagged=flagged,
        exact_unflagged=sure,
    )


def difference(clips: Sequence[Clip], ours: dict[str, Count], theirs: dict[str, Count]) -> dict[str, float]:
    """Mean of their absolute net error less ours, head per clip, with its 95 % interval from a paired bootstrap."""
    gain = net_errors(clips, theirs) - net_errors(clips, ours)
    rows = np.random.default_rng(5).integers(0, len(gain), (RESAMPLES, len(gain)))
    low, high = np.quantile(gain[rows].mean(axis=1), (0.025, 0.975))
    return {"mean": _round(gain.mean()), "low": _round(low), "high": _round(high)}


def failing(clips: Sequence[Clip], counts: dict[str, Count]) -> list[dict[str, object]]:
    """The clips whose net is wrong, with what was said and what was true."""
    return [
        {
            "clip": c.name, "in": counts[c.name].come, "out": counts[c.name].gone, "true_in": c.come,
            "true_out": c.gone, "ambiguous": counts[c.name].ambiguous,
        }
        for c in clips
        if _net(counts[c.name]) != c.come - c.gone
    ]  # fmt: skip


def _flags(clips: Sequence[Clip], counts: dict[str, Count], net: np.ndarray) -> tuple[int | None, float | None]:
    flags = [counts[c.name].ambiguous for c in clips]
    if any(flag is None for flag in flags):
        return None, None
    sure = np.array([flag == 0 for flag in flags])
    return int((~sure).sum()), _round((net[sure] == 0).mean()) if sure.any() else None


def _net(count: Count) -> int:
    return count.come - count.gone


def _round(value: float | np.floating, digits: int = 4) -> float:
    return round(float(value), digits)
