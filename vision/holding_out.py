"""Chances and factors from labelled pictures, fitted with pictures held out, so that errors are those of fresh ones."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from vision.evaluation import Examined
from vision.trust.chance import FLOOR, Chance, fit_chance

FOLDS = 5
_PULL = 10  # pictures: how strongly a scene's factor is drawn to its set's; by cross-validation over days and scenes
_FEW = 100  # animals: a kind of scene with fewer speaks for less


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One examined picture, its set, and its kind of scene: "set/scene", or "set" where scenes are not told apart."""

    of: str
    kind: str
    picture: Examined


def rows_of(sets: dict[str, list[Examined]]) -> list[Row]:
    """All pictures of all sets, in the order given."""
    rows = []
    for name, pictures in sets.items():
        several = len({t.scene for t in pictures}) > 1
        rows += [Row(name, f"{name}/{t.scene}" if several and t.scene else name, t) for t in pictures]
    return rows


def folds_of(rows: Sequence[Row], folds: int = FOLDS) -> list[int]:
    """The fold of each row: each kind cut into blocks of neighbours, since consecutive frames resemble each other."""
    fold, seen = [], dict[str, int]()
    sizes = {kind: sum(row.kind == kind for row in rows) for kind in {row.kind for row in rows}}
    for row in rows:
        place = seen.get(row.kind, 0)
        seen[row.kind] = place + 1
        fold.append(place * folds // sizes[row.kind])
    return fold


def chance_of(rows: Sequence[Row]) -> Chance:
    """One chance for all: each kind of scene says as much as another, a tiny one less."""
    animals = {kind: sum(r.picture.count for r in rows if r.kind == kind) for kind in {r.kind for r in rows}}
    weights = [1 / max(animals[r.kind], _FEW) for r in rows]
    return fit_chance([r.picture.score for r in rows], [r.picture.found for r in rows], weights)


@dataclass(frozen=True, slots=True)
class Factors:
    """Animals per expected animal: of each kind of scene, of a set's unknown scene, and of an unknown set."""

    kinds: dict[str, float]
    sets: dict[str, float]
    any: float

    def known(self, row: Row) -> float:
        """For a picture of a kind that was calibrated; the next wider one where it was not."""
        return self.kinds.get(row.kind, self.unseen(row))

    def unseen(self, row: Row) -> float:
        """For a picture of a scene that was not calibrated."""
        return self.sets.get(row.of, self.any)


def factors_of(rows: Sequence[Row], chance: Chance) -> Factors:
    """A scene's factor is drawn to its set's by a few pictures; a set's is the middle of its scenes', each as heavy."""
    kinds = {kind: [r for r in rows if r.kind == kind] for kind in sorted({r.kind for r in rows})}
    logs = {kind: _log_factor([r.picture for r in inside], chance) for kind, inside in kinds.items()}
    names = sorted({r.of for r in rows})
    sets = {name: _mean(logs[kind] for kind, inside in kinds.items() if inside[0].of == name) for name in names}
    drawn = {
        kind: (logs[kind] * len(inside) + sets[inside[0].of] * _PULL) / (len(inside) + _PULL)
        for kind, inside in kinds.items()
    }
    overall = math.exp(_mean(logs.values()))
    return Factors(
        {kind: round(math.exp(value), 4) for kind, value in drawn.items()},
        {name: round(math.exp(value), 4) for name, value in sets.items()},
        round(overall, 4),
    )


def _log_factor(pictures: Sequence[Examined], chance: Chance) -> float:
    expected = sum(chance.expected(t.score[t.score >= FLOOR]) for t in pictures)
    return math.log((sum(t.count for t in pictures) + 1) / (expected + 1))


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))
