"""Lays out one training set from many: links to the pictures, windows, pasted animals, people's labels."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vision.detector import LABELS
from vision.training.copy_paste import paste_animals
from vision.training.labelled import Labelled, link_picture, read_labelled, write_made
from vision.training.mixture import MIXTURE, Share
from vision.training.people import FindPeople, with_people
from vision.training.windows import cut_windows

_PASTED = (2, 9)  # animals per picture
_LEAST_PICTURES = 10  # ultralytics wants a validation list; nothing is decided on it


@dataclass(frozen=True, slots=True)
class Prepared:
    """A training set on disk. shown: pictures per pass, repeats included; by_set: the same per set."""

    description: Path
    shown: int
    by_set: dict[str, int]


def prepare(
    data: Path,
    out: Path,
    seed: int,
    *,
    extra: Sequence[Path] = (),
    without_scenes: Collection[str] = (),
    find_people: FindPeople | None = None,
    mixture: Sequence[Share] = MIXTURE,
    advance: Callable[[str], None] = lambda _: None,
) -> Prepared:
    """Write the training set below `out`. extra: further sets in the YOLO layout (rendered ones, a bank's own).

    without_scenes: kinds of scene that stay unseen, to measure what a new farm will be like. Only `train` splits are
    read. Raises VisionError for a set without pictures.
    """
    shown: list[Path] = []
    by_set: dict[str, int] = {}
    for number, share in enumerate(mixture):
        pictures = [*_lay_out(data / share.name, share, f"{number}-", out, seed, without_scenes, find_people)]
        by_set[share.name] = by_set.get(share.name, 0) + len(pictures)
        shown += pictures
        advance(share.name)
    for folder in extra:
        pictures = [link_picture(one, out, f"{folder.name}-{one.path.stem}") for one in read_labelled(folder)]
        by_set[folder.name] = len(pictures)
        shown += pictures
    return Prepared(_describe(out, shown), len(shown), by_set)


def _lay_out(
    folder: Path,
    share: Share,
    prefix: str,
    out: Path,
    seed: int,
    without_scenes: Collection[str],
    find_people: FindPeople | None,
) -> Iterator[Path]:
    """Everything that one share shows in a pass, repeats included."""
    taken = [one for one in read_labelled(folder)[:: share.every] if _is_taken(one, share, without_scenes)]
    if find_people is not None:
        taken = [with_people(one, find_people) for one in taken]
    rng = np.random.default_rng([seed, zlib.crc32(f"{prefix}{share.name}".encode())])
    for one in taken:
        name = f"{prefix}{share.name}-{one.path.stem}"
        if share.times:
            yield from [link_picture(one, out, name)] * share.times
        for made in cut_windows(one, share.windows, name, rng):
            yield write_made(made, out)
    givers = [one for one in taken if len(one.rows)]
    for one in taken[: round(share.pasted * len(taken))] if share.pasted >= 1 else _some(taken, share.pasted, rng):
        same_scene = [giver for giver in givers if giver.scene == one.scene]
        if same_scene:
            name = f"{prefix}{share.name}-{one.path.stem}-pasted"
            yield write_made(paste_animals(one, same_scene, int(rng.integers(*_PASTED)), name, rng), out)


def _some(taken: Sequence[Labelled], share: float, rng: np.random.Generator) -> list[Labelled]:
    chosen = rng.permutation(len(taken))[: round(share * len(taken))]
    return [taken[index] for index in sorted(chosen)]


def _is_taken(one: Labelled, share: Share, without_scenes: Collection[str]) -> bool:
    return one.scene not in without_scenes and (not share.scenes or one.scene in share.scenes)


def _describe(out: Path, shown: Sequence[Path]) -> Path:
    """The lists and the description that ultralytics reads."""
    for name, pictures in (("train", shown), ("val", shown[:_LEAST_PICTURES])):
        (out / f"{name}.txt").write_text("".join(f"{picture.absolute()}\n" for picture in pictures))
    names = "".join(f"  {index}: {name}\n" for index, name in enumerate(LABELS))
    description = out / "data.yaml"
    description.write_text(f"path: {out.absolute()}\ntrain: train.txt\nval: val.txt\nnames:\n{names}")
    return description
