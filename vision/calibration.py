"""How far counts can be trusted, from labelled pictures that training has not seen.

Head = factor * sum of the boxes' chances (`vision/trust`). Every error that an interval rests on is that of a picture
which its own chance and factor were not fitted on: five folds for kinds of scene that were calibrated, one scene left
out at a time for those that were not. Conformal intervals hold for pictures like these, so a camera whose recall
slips leaves its interval: `watch` notices, and calibrating again mends.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from vision.evaluation import Examined, figures
from vision.holding_out import FOLDS, Row, chance_of, factors_of, folds_of, rows_of
from vision.manifest import ANY_SCENE, Manifest, SceneTrust
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
    scenes = _calibrate(rows_of(real or own))
    for name, pictures in own.items() if real else ():
        scenes[name] = _calibrate(rows_of({name: pictures}))[name]
    return scenes


def fit(examined: Sequence[Examined]) -> SceneTrust:
    """The trust of one kind of scene by its own pictures alone."""
    return _calibrate(rows_of({"own": [replace(t, scene="") for t in examined]}))["own"]


def _calibrate(rows: Sequence[Row]) -> dict[str, SceneTrust]:
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
    trust = SceneTrust(_best_score(pictures), quantile, len(pictures), chance=chance, factor=factor, bands=bands)
    measured = figures(pictures, trust)
    watch = _watch(pictures, trust.score)
    return replace(trust, recall=measured.recall, precision=measured.precision, watch=watch)


def _best_score(pictures: Sequence[Examined]) -> float:
    """The score above which boxes count best without chances; drawn boxes are about those above it."""
    mae = [float(np.mean([abs(t.counted(score) - t.count) for t in pictures])) for score in _SCORES]
    return round(float(_SCORES[int(np.argmin(mae))]), 2)


def _watch(pictures: Sequence[Examined], counted_from: float) -> ScoreWatch | None:
    scores = [t.score[t.score >= FLOOR] for t in pictures]
    right = [t.score[t.found & (t.score >= FLOOR)] for t in pictures]
    return fit_watch(scores, right, sum(t.count for t in pictures), counted_from)


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Errors of pictures that their trust was not fitted on. None where they are too few.

    mae, coverage95, width95: with the kind of scene known, all of it cross-fitted. threshold_mae: the best threshold
    on the same folds, to compare. unseen_mae: with the scene left out. by_kind: mae and unseen_mae of each scene.
    """

    mae: float
    threshold_mae: float
    coverage95: float | None
    width95: float | None
    unseen_mae: float | None = None
    by_kind: dict[str, tuple[float, float | None]] | None = None


def check(sets: dict[str, list[Examined]], synthetic: Collection[str] = SYNTHETIC) -> dict[str, HeldOut]:
    """What `calibrate` would have been worth on pictures that it had not seen, by set."""
    real = {name: pictures for name, pictures in sets.items() if name not in synthetic and pictures}
    own = {name: pictures for name, pictures in sets.items() if name in synthetic and pictures}
    checked = _check(rows_of(real)) if real else {}
    for name, pictures in own.items():
        checked |= _check(rows_of({name: pictures}))
    return checked


def held_out(examined: Sequence[Examined]) -> HeldOut | None:
    """Judge `fit` on pictures it has not seen; None for fewer than `FOLDS` pictures."""
    return None if len(examined) < FOLDS else _check(rows_of({"own": list(examined)}))["own"]


def _check(rows: Sequence[Row]) -> dict[str, HeldOut]:
    known, unseen, covered = judge_known(rows), judge_unseen(rows), _covered(rows)
    plain = _by_threshold(rows)
    return {
        name: _held_out([j for j in known if j.row.of == name], [j for j in unseen if j.row.of == name], covered, plain)
        for name in sorted({row.of for row in rows})
    }


def _held_out(
    known: Sequence[Judged], unseen: Sequence[Judged], covered: dict[int, tuple[bool, int]], plain: dict[int, int]
) -> HeldOut:
    inside = [covered[id(j.row)] for j in known if id(j.row) in covered]
    kinds = sorted({j.row.kind for j in known})
    return HeldOut(
        _mae(known),
        round(float(np.mean([abs(plain[id(j.row)] - j.row.picture.count) for j in known])), 3),
        round(float(np.mean([hit for hit, _ in inside])), 3) if inside else None,
        round(float(np.mean([width for _, width in inside])), 2) if inside else None,
        _mae(unseen) if unseen else None,
        {kind: (_mae(_of(known, kind)), _mae(_of(unseen, kind)) if unseen else None) for kind in kinds}
        if len(kinds) > 1
        else None,
    )


def _covered(rows: Sequence[Row]) -> dict[int, tuple[bool, int]]:
    """For each picture whether the interval fitted on the other folds holds its head, and that interval's width."""
    folds, told = folds_of(rows), dict[int, tuple[bool, int]]()
    for fold in range(FOLDS):
        seen = [row for row, own in zip(rows, folds, strict=True) if own != fold]
        held = [row for row, own in zip(rows, folds, strict=True) if own == fold]
        manifest = Manifest("", "", 0, _calibrate(seen)) if seen else Manifest("", "", 0)
        for row in held:
            trust = manifest.trust(row.kind)
            measured = figures([row.picture], trust)
            told[id(row)] = (measured.coverage95 == 1, round(measured.width95))
    return told


def _by_threshold(rows: Sequence[Row]) -> dict[int, int]:
    folds, counted = folds_of(rows), dict[int, int]()
    for fold in range(FOLDS):
        for kind in {row.kind for row in rows}:
            mine = [(row, own) for row, own in zip(rows, folds, strict=True) if row.kind == kind]
            score = _best_score([row.picture for row, own in mine if own != fold] or [row.picture for row in rows])
            counted |= {id(row): row.picture.counted(score) for row, own in mine if own == fold}
    return counted


def _of(judged: Sequence[Judged], kind: str) -> list[Judged]:
    return [j for j in judged if j.row.kind == kind]


def _mae(judged: Sequence[Judged]) -> float:
    return round(float(np.mean([abs(j.counted - j.row.picture.count) for j in judged])), 3)


def paper(sets: dict[str, list[Examined]]) -> tuple[dict[str, SceneTrust], dict[str, Any]]:
    """Everything that a manifest says about trust: `scenes`, and `figures` by set with what was held out."""
    scenes, checked = calibrate(sets), check(sets)
    manifest = Manifest("", "", 0, scenes)
    told = {}
    for name, pictures in sets.items():
        kinds = {id(row.picture): row.kind for row in rows_of({name: pictures})}
        measured = figures(pictures, lambda t, kinds=kinds: manifest.trust(kinds[id(t)]))  # type: ignore[misc]
        told[name] = {**asdict(measured), "held_out": asdict(checked[name])}
    return scenes, told
