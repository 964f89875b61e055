"""How far counts can be trusted, from labelled pictures that training has not seen.

Head = factor * sum of the boxes' chances (`vision/trust`). Every error that an interval rests on is that of a picture
which its own chance and factor were not fitted on: five folds for kinds of scene that were calibrated, one scene left
out at a time for those that were not. Conformal intervals hold for pictures like these, so a camera whose recall
slips leaves its interval: `watch` notices, and calibrating again mends.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from vision.evaluation import Examined, figures
from vision.holding_out import FOLDS, Row, chance_of, factors_of, folds_of, rows_of
from vision.manifest import ANY_SCENE, SceneTrust
from vision.trust.band import LEAST, Band, conformal_quantile, fit_bands, surprise
from vision.trust.chance import FLOOR, Chance
from vision.trust.watch import ScoreWatch, fit_watch

SYNTHETIC = ("rendered",)  # rendered pictures calibrate themselves only, never the pooled figures
_SCORES = np.arange(0.1, 0.71, 0.02)


@dataclass(frozen=True, slots=True)
class Judged:
    """One picture counted by a trust that has not seen it."""

    row: Row
    counted: int

    @property
    def surprise(self) -> float:
        return surprise(self.counted, self.row.picture.count)


def calibrate(sets: dict[str, list[Examined]], synthetic: Collection[str] = SYNTHETIC) -> dict[str, SceneTrust]:
    """Trust for every set ("pasture": a scene of it that was not seen), every scene of it ("pasture/corridor"), and
    "any". Raises nothing for sets of few pictures: what they cannot say is borrowed from all, or None.
    """
    real = {name: pictures for name, pictures in sets.items() if name not in synthetic and pictures}
    own = {name: pictures for name, pictures in sets.items() if name in synthetic and pictures}
    scenes = calibrate_rows(rows_of(real or own))
    for name, pictures in own.items() if real else ():
        made = calibrate_rows(rows_of({name: pictures}))
        scenes |= {kind: trust for kind, trust in made.items() if kind.partition("/")[0] == name}
    return scenes


def fit(examined: Sequence[Examined]) -> SceneTrust:
    """The trust of one kind of scene by its own pictures alone."""
    return calibrate_rows(rows_of({"own": [replace(t, scene="") for t in examined]}))["own"]


def calibrate_rows(rows: Sequence[Row]) -> dict[str, SceneTrust]:
    """The same for rows that may all be pooled."""
    chance = chance_of(rows)
    factors = factors_of(rows, chance)
    known, unseen = judge_known(rows), judge_unseen(rows)
    pooled = fit_bands([j.counted for j in known], [j.row.picture.count for j in known])
    scenes = {}
    for kind in sorted({row.kind for row in rows}):
        inside = [row for row in rows if row.kind == kind]
        errors = [j for j in known if j.row.kind == kind]
        alike = [j for j in known if j.row.of == inside[0].of]
        bands = _bands(errors) or _bands(alike) or pooled
        scenes[kind] = _trust(inside, chance, factors.kinds[kind], bands)
    for name in sorted({row.of for row in rows} - scenes.keys()):
        inside = [row for row in rows if row.of == name]
        strange = [j for j in unseen if j.row.of == name]
        scenes[name] = replace(_trust(inside, chance, factors.sets[name], _worst_scene(strange)), watch=None)
    worst = _worst_scene(unseen) or pooled
    # of a scene that nobody calibrated nobody knows what its scores should look like: nothing to watch
    scenes[ANY_SCENE] = replace(_trust(rows, chance, factors.any, worst), watch=None)
    return scenes


def judge_known(rows: Sequence[Row]) -> list[Judged]:
    """Each picture, counted by what the other four fifths say, of its own kind of scene among them."""
    folds = folds_of(rows)
    judged = []
    for fold in range(FOLDS):
        seen = [row for row, own in zip(rows, folds, strict=True) if own != fold]
        held = [row for row, own in zip(rows, folds, strict=True) if own == fold]
        if seen and held:
            chance = chance_of(seen)
            factors = factors_of(seen, chance)
            judged += [_judge(row, chance, factors.known(row)) for row in held]
    return judged


def judge_unseen(rows: Sequence[Row]) -> list[Judged]:
    """Each picture, counted by what the other kinds of scene say; none where there is but one kind."""
    judged = []
    for kind in sorted({row.kind for row in rows}):
        seen = [row for row in rows if row.kind != kind]
        if seen:
            chance = chance_of(seen)
            factors = factors_of(seen, chance)
            judged += [_judge(row, chance, factors.unseen(row)) for row in rows if row.kind == kind]
    return judged


def _judge(row: Row, chance: Chance, factor: float) -> Judged:
    trust = SceneTrust(0.0, None, 0, chance=chance, factor=factor)
    return Judged(row, row.picture.counted_by(trust))


def _bands(judged: Sequence[Judged]) -> tuple[Band, ...]:
    return fit_bands([j.counted for j in judged], [j.row.picture.count for j in judged])


def _worst_scene(judged: Sequence[Judged]) -> tuple[Band, ...]:
    """A new scene is one more draw of scenes, not of pictures: the widest quantile that any left-out scene needed."""
    kinds = {j.row.kind for j in judged}
    widest = [_widest([j.surprise for j in judged if j.row.kind == kind]) for kind in kinds]
    return (Band(None, round(max(widest), 4), len(judged)),) if widest and len(judged) >= LEAST else ()


def _widest(surprises: Sequence[float]) -> float:
    quantile = conformal_quantile(surprises)
    return max(surprises) if quantile is None else quantile


def _trust(rows: Sequence[Row], chance: Chance, factor: float, bands: tuple[Band, ...]) -> SceneTrust:
    """What a kind of scene's own pictures and the given bands make. quantile: the widest band, for a quick look."""
    pictures = [row.picture for row in rows]
    quantile = max((band.quantile for band in bands), default=None)
    trust = SceneTrust(best_score(pictures), quantile, len(pictures), chance=chance, factor=factor, bands=bands)
    measured = figures(pictures, trust)
    watch = _watch(pictures, trust.score)
    return replace(trust, recall=measured.recall, precision=measured.precision, watch=watch)


def best_score(pictures: Sequence[Examined]) -> float:
    """The score above which boxes count best without chances; drawn boxes are about those above it."""
    mae = [float(np.mean([abs(t.counted(score) - t.count) for t in pictures])) for score in _SCORES]
    return round(float(_SCORES[int(np.argmin(mae))]), 2)


def _watch(pictures: Sequence[Examined], counted_from: float) -> ScoreWatch | None:
    scores = [t.score[t.score >= FLOOR] for t in pictures]
    right = [t.score[t.found & (t.score >= FLOOR)] for t in pictures]
    return fit_watch(scores, right, sum(t.count for t in pictures), counted_from)
