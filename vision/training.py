"""Assembles the training set from labelled folders and fine-tunes the counter through the one AGPL door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vision.detector import CLASSES
from vision.detectors.ultralytics import TrainingRun, train
from vision.errors import VisionError

START = Path("weights/yolo11n_pasture_6ep_cpu.pt")


@dataclass(frozen=True, slots=True)
class Share:
    """How one set enters training: every `every`-th picture, `times` times over."""

    name: str
    every: int = 1
    times: int = 1


MIXTURE = (
    Share("pasture-cctv"),
    Share("race-gate", every=3),  # consecutive frames: neighbours teach the same thing
    Share("aerial-cattle"),
    Share("pig-pen"),
    Share("thermal-sheep", times=3),
)


def pictures_of(data: Path, share: Share, split: str = "train") -> list[Path]:
    """The pictures of one set that `share` takes, in name order. Raises VisionError for an empty set."""
    found = sorted((data / share.name / "images" / split).glob("*.jpg"))
    if not found:
        raise VisionError(f"no pictures in {data / share.name / 'images' / split}: pass the folder of sets to --data")
    return found[:: share.every] * share.times


def write_list(out: Path, data: Path, extra: Sequence[Path]) -> Path:
    """Write the picture lists and the set description that training reads; returns the description's path."""
    out.mkdir(parents=True, exist_ok=True)
    chosen = [picture for share in MIXTURE for picture in pictures_of(data, share)]
    chosen += [picture for folder in extra for picture in sorted((folder / "images" / "train").glob("*.jpg"))]
    held = [picture for share in MIXTURE for picture in pictures_of(data, Share(share.name, every=16), "val")]
    for name, pictures in (("train", chosen), ("val", held)):
        (out / f"{name}.txt").write_text("".join(f"{picture.absolute()}\n" for picture in pictures))
    names = "".join(f"  {index}: {name}\n" for index, name in enumerate(CLASSES))
    description = out / "data.yaml"
    description.write_text(f"path: {out.absolute()}\ntrain: train.txt\nval: val.txt\nnames:\n{names}")
    return description


def train_counter(
    data: Path,
    out: Path,
    minutes: float,
    seed: int,
    extra: Sequence[Path] = (),
    start: Path | None = None,
    learning_rate: float = 1e-3,
    mosaic: float = 0.6,
) -> Path:
    """Fine-tune on the mixture for `minutes` of wall time; returns the last checkpoint below `out`."""
    description = write_list(out, data, extra)
    begin = start or data / START
    run = TrainingRun(description, begin, out.absolute(), minutes, seed, learning_rate=learning_rate, mosaic=mosaic)
    return train(run)
