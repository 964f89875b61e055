"""One training run: the set laid out, the counter fine-tuned through the one AGPL door, and the record of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from vision.detectors.ultralytics import TrainingRun, train
from vision.errors import VisionError
from vision.training.mixture import MIXTURE
from vision.training.people import coco_people
from vision.training.prepare import Prepared, prepare

START = Path("weights/yolo11n_coco_dequant.pt")
KNOWS_PEOPLE = Path("weights/yolo11n_coco_dequant.onnx")


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a run can be repeated from, but for the speed of the machine. minutes: wall time of the training alone.

    start: weights to begin with, the COCO ones below the data by default. without_scenes: see `prepare`.
    knows_people: an ONNX network that labels people; None where the data bring none.
    """

    data: Path
    minutes: float
    seed: int
    extra: tuple[Path, ...] = ()
    start: Path | None = None
    without_scenes: tuple[str, ...] = ()
    knows_people: Path | None = None
    learning_rate: float = 1e-3
    last_learning_rate: float = 2e-5
    mosaic: float = 0.6
    plain_passes: int = 1
    frozen_layers: int = 0


def train_counter(recipe: Recipe, out: Path, advance: Callable[[str], None] = lambda _: None) -> Path:
    """Lay out the set, write `out/run.json`, train; returns the last checkpoint. VisionError when data are missing."""
    start = recipe.start or recipe.data / START
    if not start.is_file():
        raise VisionError(f"no weights at {start}: name the checkpoint to start from with --start")
    prepared = _prepare(recipe, out, advance)
    _write_record(recipe, prepared, start, out)
    return train(
        TrainingRun(
            prepared.description,
            start,
            out.absolute(),
            recipe.minutes,
            recipe.seed,
            learning_rate=recipe.learning_rate,
            last_learning_rate=recipe.last_learning_rate,
            mosaic=recipe.mosaic,
            plain_passes=recipe.plain_passes,
            frozen_layers=recipe.frozen_layers,
        )
    )


def _prepare(recipe: Recipe, out: Path, advance: Callable[[str], None]) -> Prepared:
    people = recipe.knows_people or recipe.data / KNOWS_PEOPLE
    return prepare(
        recipe.data,
        out / "set",
        recipe.seed,
        extra=recipe.extra,
        without_scenes=recipe.without_scenes,
        find_people=coco_people(people) if people.is_file() else None,
        advance=advance,
    )


def _write_record(recipe: Recipe, prepared: Prepared, start: Path, out: Path) -> None:
    """What went in, beside the checkpoints: names and figures, never a folder of this machine."""
    given = {**asdict(recipe), "data": recipe.data.name, "start": start.name, "extra": _names(recipe.extra)}
    given["knows_people"] = None if recipe.knows_people is None else recipe.knows_people.name
    record = {
        "recipe": given,
        "mixture": [asdict(share) for share in MIXTURE],
        "shown_per_pass": prepared.shown,
        "by_set": prepared.by_set,
    }
    (out / "run.json").write_text(json.dumps(record, indent=2) + "\n")


def _names(paths: Sequence[Path]) -> list[str]:
    return [path.name for path in paths]
