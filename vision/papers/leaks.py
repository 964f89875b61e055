"""Pictures that stand in two splits, or nearly do: what makes validation figures better than the truth.

Exact: the same bytes. Twin: greys at 32 x 32 pixels go together with a correlation of `TWIN`, upright, turned or
mirrored, whatever the brightness and contrast. Neighbouring frames of a camera on a still scene are twins too, and
rightly so: a network that has seen the one has seen the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vision.papers.samples import Sample

TWIN = 0.98  # correlation of greys


@dataclass(frozen=True, slots=True)
class Leak:
    """A validation picture that training has as well. alike: correlation, 1 for the same bytes."""

    val: str
    train: str
    exact: bool
    alike: float


def find_leaks(train: Sequence[Sample], val: Sequence[Sample], twin: float = TWIN) -> list[Leak]:
    """The nearest training picture of every validation picture, where it is the same or a twin, over all sets."""
    if not train or not val:
        return []
    held = {sample.sha256: sample for sample in train}
    turned = np.concatenate([_flat(sample.thumb) for sample in train])
    leaks = []
    for sample in val:
        same = held.get(sample.sha256)
        if same is not None:
            leaks.append(Leak(_name(sample), _name(same), exact=True, alike=1.0))
            continue
        alike = turned @ _standard(sample.thumb)
        nearest = int(alike.argmax())
        if alike[nearest] >= twin:
            other = train[nearest // 8]
            leaks.append(Leak(_name(sample), _name(other), exact=False, alike=round(float(alike[nearest]), 4)))
    return leaks


def repeated(samples: Sequence[Sample]) -> list[list[str]]:
    """Pictures of the same bytes within a split, as groups of names."""
    groups: dict[str, list[str]] = {}
    for sample in samples:
        groups.setdefault(sample.sha256, []).append(_name(sample))
    return [names for names in groups.values() if len(names) > 1]


def _name(sample: Sample) -> str:
    return f"{sample.set}/{sample.split}/{sample.path.name}"


def _flat(thumb: NDArray[np.float32]) -> NDArray[np.float32]:
    """(8, pixels) the eight ways a picture can be turned and mirrored."""
    views = [np.rot90(side, turns) for side in (thumb, thumb[:, ::-1]) for turns in range(4)]
    return np.stack([_standard(view) for view in views])


def _standard(thumb: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean 0 and length 1, so that a product is a correlation; all of one grey is like nothing."""
    flat = (thumb - thumb.mean()).ravel()
    length = float(np.linalg.norm(flat))
    return np.asarray(flat / length if length > 1e-3 else flat * 0, np.float32)
