"""What is shown in one pass: which sets, how often, and in which variations. The reproducible half of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    """How one set enters training.

    every: take each n-th picture. times: show each so often; 0 shows what is made of it alone.
    windows: closer looks per picture (`windows.py`).
    pasted: pictures with animals pasted in, as a share of the pictures taken (`copy_paste.py`).
    scenes: only these kinds of scene, where the set has an index.csv.
    """

    name: str
    every: int = 1
    times: int = 1
    windows: int = 0
    pasted: float = 0.0
    scenes: tuple[str, ...] = ()


MIXTURE: Sequence[Share] = (
    Share("pasture-cctv", pasted=0.25),
    Share("pasture-cctv", every=2, times=0, windows=1),
    Share("pasture-cctv", windows=6, scenes=("drone_pasture",)),  # the densest and the smallest, and only 21
    Share("race-gate"),
    Share("aerial-cattle", times=2, windows=1, pasted=1.0),
    Share("pig-pen"),  # nothing is pasted: the neighbours' pigs are unlabelled and must stay so
    Share("thermal-sheep", times=3, pasted=1.0),
)
