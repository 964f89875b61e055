"""Does a converted network still count like the one it was made from? Figures and the verdict; nothing is read here.

A lost animal is lost money, a box that moves by a pixel is not. So the verdict rests on recall and on the counting
error, over all pictures and in each set, and the boxes are reported beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.detector import Boxes, Float
from vision.papers.comparison import Compared
from vision.suppression import overlap

_SAME_IOU = 0.5  # from here on two boxes are about one animal


@dataclass(frozen=True, slots=True)
class Limits:
    """How much worse a conversion may count. recall_loss: points (percent). mae_rise: head per picture.

    They hold over all pictures. Each set must keep them too, but for `slack` animals, so that a loss of pigs cannot
    hide behind a gain of cattle; what a few animals do to a small set cannot be told from chance.
    """

    recall_loss: float = 0.3
    mae_rise: float = 0.02
    slack: int = 2


@dataclass(frozen=True, slots=True)
class ParityFigures:
    """First against second, both counted as the program counts. Pairs are (first, second).

    recall_loss: points, positive where the second finds fewer. mae, mae_rise: head per picture. same_count: share of
    pictures with equal counts. matched: share of the first's counted boxes that the second has too, from an overlap
    of 0.5 on; iou, iou_p05: mean and 5 % quantile of their overlap; score_difference: mean of the absolute one.
    speed: how many times faster the second is, by the median time of a picture.
    """

    pictures: int
    true: int
    recall: tuple[float, float]
    recall_loss: float
    mae: tuple[float, float]
    mae_rise: float
    same_count: float
    matched: float | None
    iou: float | None
    iou_p05: float | None
    score_difference: float | None
    speed: float


@dataclass(frozen=True, slots=True)
class Parity:
    """The verdict. refused_because: empty where the second may stand in for the first."""

    accepted: bool
    refused_because: tuple[str, ...]
    limits: Limits
    pooled: ParityFigures
    sets: dict[str, ParityFigures]


def judge(compared: Mapping[str, Sequence[Compared]], limits: Limits | None = None) -> Parity:
    """The verdict over sets of pictures. Raises ValueError when there is no picture."""
    allowed = limits or Limits()
    sets = {name: _figures(rows) for name, rows in compared.items() if rows}
    pooled = _figures([row for rows in compared.values() for row in rows])
    reasons = [*_pooled_reasons(pooled, allowed)]
    for name, figures in sets.items():
        reasons += _set_reasons(name, figures, allowed)
    return Parity(not reasons, tuple(reasons), allowed, pooled, sets)


def _figures(rows: Sequence[Compared]) -> ParityFigures:
    if not rows:
        raise ValueError("no pictures were compared")
    true = np.array([row.true for row in rows])
    counted = np.array([[row.first.counted(row.trust), row.second.counted(row.trust)] for row in rows])
    right = np.sum([[row.first.right(row.trust), row.second.right(row.trust)] for row in rows], axis=0)
    recall, mae = right / max(int(true.sum()), 1), np.abs(counted - true[:, None]).mean(axis=0)
    pairs = np.concatenate([_pairs(row) for row in rows])
    both = pairs[pairs[:, 0] > 0]
    took = np.median([[row.first.examined.took_ms, row.second.examined.took_ms] for row in rows], axis=0)
    return ParityFigures(
        pictures=len(rows),
        true=int(true.sum()),
        recall=_two(recall),
        recall_loss=round(100 * float(recall[0] - recall[1]), 3),
        mae=_two(mae),
        mae_rise=round(float(mae[1] - mae[0]), 4),
        same_count=round(float((counted[:, 0] == counted[:, 1]).mean()), 4),
        matched=_mean(pairs[:, 0] > 0),
        iou=_mean(both[:, 0]),
        iou_p05=round(float(np.quantile(both[:, 0], 0.05)), 4) if len(both) else None,
        score_difference=_mean(both[:, 1]),
        speed=round(float(took[0] / max(took[1], 1e-9)), 2),
    )


def _pairs(row: Compared) -> Float:
    """(N,2) for each counted box of the first: the overlap with its partner, 0 without one, and how far scores differ.

    Partners are taken from everything the second saw: one that is no longer counted is still there.
    """
    first, second = row.first.boxes[: row.first.counted(row.trust)], row.second.boxes
    pairs = np.zeros((len(first), 2), np.float32)
    fit = _fit(first, second)
    for index in range(len(first) if len(second) else 0):
        best = int(fit[index].argmax())
        if fit[index, best] >= _SAME_IOU:
            pairs[index] = fit[index, best], abs(first.score[index] - second.score[best])
            fit[:, best] = 0
    return pairs


def _fit(first: Boxes, second: Boxes) -> Float:
    same = first.class_id[:, None] == second.class_id[None]
    return np.where(same, overlap(first.xyxy, second.xyxy), np.float32(0))


def _pooled_reasons(figures: ParityFigures, limits: Limits) -> list[str]:
    reasons = []
    if figures.recall_loss > limits.recall_loss:
        reasons.append(f"recall falls by {figures.recall_loss} points, {limits.recall_loss} are allowed")
    if figures.mae_rise > limits.mae_rise:
        reasons.append(f"the counting error rises by {figures.mae_rise} head a picture, {limits.mae_rise} are allowed")
    return reasons


def _set_reasons(name: str, figures: ParityFigures, limits: Limits) -> list[str]:
    lost, rise = figures.recall_loss / 100 * figures.true, figures.mae_rise * figures.pictures
    reasons = []
    if lost > limits.recall_loss / 100 * figures.true + limits.slack + 0.01:
        reasons.append(f"{name}: {lost:.0f} of {figures.true} animals more are missed")
    if rise > limits.mae_rise * figures.pictures + limits.slack + 0.01:
        reasons.append(f"{name}: counts err by {rise:.0f} head more over {figures.pictures} pictures")
    return reasons


def _two(values: Float) -> tuple[float, float]:
    return round(float(values[0]), 4), round(float(values[1]), 4)


def _mean(values: Float | NDArray[np.bool_]) -> float | None:
    return round(float(np.mean(values)), 4) if len(values) else None
