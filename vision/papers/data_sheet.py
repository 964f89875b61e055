"""The data sheet of a training run: what the sets hold, where from, and what leaks from one split to another."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from vision.papers.leaks import Leak, find_leaks, repeated
from vision.papers.samples import Sample
from vision.papers.sources import Source, source_of

SPLITS = ("train", "val")
_SIDE = 640  # pixels of the network's input, in which box sizes are given
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_SMALL = 16  # pixels at 640: below it a network of this family sees little


@dataclass(frozen=True, slots=True)
class SplitSheet:
    """One split of one set. head_per_picture: least, median, most. sizes: "1280x720": pictures.

    scenes: pictures and head per kind of scene, where the set tells. classes: boxes per class name. box_side: 5, 25,
    50, 75, 95 % quantile of sqrt(width x height), pixels with the picture's longest side at 640; small: share below 16.
    unlabelled: pictures without a label file. repeated: groups of pictures of the same bytes.
    """

    pictures: int
    head: int
    head_per_picture: tuple[int, float, int] | None
    unlabelled: int
    sizes: dict[str, int]
    scenes: dict[str, tuple[int, int]]
    classes: dict[str, int]
    box_side: tuple[float, ...] | None
    small: float | None
    repeated: list[list[str]]


@dataclass(frozen=True, slots=True)
class SetSheet:
    """One set: where from, its splits, and what could not be read."""

    source: Source
    splits: dict[str, SplitSheet]
    broken: list[str]


@dataclass(frozen=True, slots=True)
class DataSheet:
    """All sets. sha256: of every picture and label by name, so that a run can be tied to what it saw.

    leaks: validation pictures that training has as well, in any set.
    """

    sha256: str
    sets: dict[str, SetSheet]
    leaks: list[Leak]


def describe(
    samples: Sequence[Sample], names: Mapping[str, Mapping[int, str]], broken: Mapping[str, Sequence[str]]
) -> DataSheet:
    """The sheet of these pictures. names: class names by set. broken: lines on what could not be read, by set."""
    by_set: dict[str, list[Sample]] = {name: [] for name in broken}
    for sample in samples:
        by_set.setdefault(sample.set, []).append(sample)
    sets = {
        name: SetSheet(source_of(name), _splits(rows, names.get(name, {})), list(broken.get(name, ())))
        for name, rows in sorted(by_set.items())
    }
    train, val = ([sample for sample in samples if sample.split == split] for split in SPLITS)
    return DataSheet(_sha256(samples), sets, find_leaks(train, val))


def summary(sheet: DataSheet) -> dict[str, object]:
    """What a manifest keeps of a sheet: its hash, and per set pictures, head, source and licence."""
    return {
        "sha256": sheet.sha256,
        "leaks": {"exact": sum(leak.exact for leak in sheet.leaks), "twins": sum(not k.exact for k in sheet.leaks)},
        "sets": {
            name: {
                **{split: {"pictures": row.pictures, "head": row.head} for split, row in one.splits.items()},
                **asdict(one.source),
            }
            for name, one in sheet.sets.items()
        },
    }


def _splits(rows: Sequence[Sample], names: Mapping[int, str]) -> dict[str, SplitSheet]:
    return {
        split: _split([row for row in rows if row.split == split], names)
        for split in sorted({row.split for row in rows}, key=lambda split: (split not in SPLITS, split))
    }


def _split(rows: Sequence[Sample], names: Mapping[int, str]) -> SplitSheet:
    head = [row.head for row in rows]
    scenes = sorted({row.scene for row in rows} - {""})
    kinds = Counter(int(kind) for row in rows for kind in row.boxes[:, 0])
    side = np.concatenate([_sides(row) for row in rows])
    return SplitSheet(
        pictures=len(rows),
        head=sum(head),
        head_per_picture=(min(head), float(np.median(head)), max(head)) if head else None,
        unlabelled=sum(not row.labelled for row in rows),
        sizes=dict(Counter(f"{row.width}x{row.height}" for row in rows).most_common(8)),
        scenes={s: (sum(r.scene == s for r in rows), sum(r.head for r in rows if r.scene == s)) for s in scenes},
        classes={names.get(kind, f"class {kind}"): number for kind, number in sorted(kinds.items())},
        box_side=tuple(round(float(value), 1) for value in np.quantile(side, _QUANTILES)) if len(side) else None,
        small=round(float((side < _SMALL).mean()), 4) if len(side) else None,
        repeated=repeated(rows),
    )


def _sides(row: Sample) -> np.ndarray:
    scale = _SIDE / max(row.width, row.height)
    return np.asarray(np.sqrt(np.abs(row.boxes[:, 3] * row.width * row.boxes[:, 4] * row.height)) * scale)


def _sha256(samples: Sequence[Sample]) -> str:
    lines = sorted(f"{s.set}/{s.split}/{s.path.name} {s.sha256} {s.labels_sha256}" for s in samples)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
