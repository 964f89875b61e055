"""What a calibration would have been worth on pictures that it had not seen, and the paper that says so."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from vision.calibration import SYNTHETIC, Judged, best_score, calibrate, calibrate_rows, judge_known, judge_unseen
from vision.evaluation import Examined, figures
from vision.holding_out import FOLDS, Row, folds_of, rows_of
from vision.manifest import Manifest, SceneTrust


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
        manifest = Manifest("", "", 0, calibrate_rows(seen)) if seen else Manifest("", "", 0)
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
            score = best_score([row.picture for row, own in mine if own != fold] or [row.picture for row in rows])
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
