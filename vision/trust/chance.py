"""How likely a box of a given score is an animal: three numbers, fitted on labelled pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.detector import Float

FLOOR = 0.05  # boxes below it are not asked about: the least that every detector here gives
_STEPS, _CALM = 40, 0.1


@dataclass(frozen=True, slots=True)
class Chance:
    """P(animal | score) = sigmoid(constant + slope * x + bend * x²), x = ln(score / (1 - score))."""

    constant: float
    slope: float
    bend: float

    def of(self, score: Float) -> NDArray[np.float64]:
        """(N,) the probability that each box is an animal that no better box had found."""
        return _sigmoid(_terms(score) @ np.array([self.constant, self.slope, self.bend]))

    def expected(self, score: Float) -> float:
        """How many of these boxes are animals, on average."""
        return float(self.of(score[score >= FLOOR]).sum())


def fit_chance(
    scores: Sequence[Float], found: Sequence[NDArray[np.bool_]], weights: Sequence[float] | None = None
) -> Chance:
    """Logistic regression of `found` on the scores, a picture a row; `weights`: how much each picture says."""
    given = np.ones(len(scores)) if weights is None else np.asarray(weights, np.float64)
    score = np.concatenate([*scores, np.zeros(0, np.float32)])
    right = np.concatenate([*found, np.zeros(0, np.bool_)]).astype(np.float64)
    weight = np.repeat(given, [len(row) for row in scores])
    asked = score >= FLOOR
    terms, right, weight = _terms(score[asked]), right[asked], weight[asked]
    weight = weight / max(float(weight.mean()), 1e-12) if len(weight) else weight
    return Chance(*(round(float(value), 5) for value in _newton(terms, right, weight)))


def _newton(terms: NDArray[np.float64], right: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """A little pull towards "the score is the probability" keeps the fit sane where boxes are few."""
    prior = np.array([0.0, 1.0, 0.0])
    at = prior.copy()
    for _ in range(_STEPS):
        p = _sigmoid(terms @ at)
        slope = terms.T @ (weight * (right - p)) - _CALM * (at - prior)
        curve = (terms * (weight * p * (1 - p))[:, None]).T @ terms + _CALM * np.eye(3)
        step = np.linalg.solve(curve, slope)
        at = at + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-8:
            break
    return at


def _terms(score: Float) -> NDArray[np.float64]:
    held = np.clip(np.asarray(score, np.float64), 0.01, 0.99)
    x = np.log(held / (1 - held))
    return np.stack([np.ones_like(x), x, x * x], axis=1)


def _sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -40, 40))))
