"""A checkpoint as a detector, to compare what was exported with what was trained. Needs the train extra."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from vision.detector import Float
from vision.detectors.network import Network, NetworkDetector
from vision.detectors.ultralytics import open_checkpoint
from vision.errors import VisionError


class CheckpointEngine:
    """The trained network itself, through the AGPL door."""

    def __init__(self, path: Path, threads: int) -> None:
        if not path.is_file():
            raise VisionError(f"no checkpoint at {path}: `python -m vision train` writes one")
        names, self._run = open_checkpoint(path, threads)
        self.network = Network(repr(names), None, (1, 4 + len(names), None))

    @property
    def name(self) -> str:
        """What runs it."""
        return "torch"

    def run(self, tensor: Float) -> Float:
        """(1,3,H,W) float32 to the float32 output for that one picture."""
        return np.asarray(self._run(tensor), np.float32)


class CheckpointDetector(NetworkDetector):
    """One checkpoint; arguments as `NetworkDetector`. VisionError without the training stack."""

    def __init__(self, path: Path, *, size: int = 640, threads: int = 2, floor: float = 0.05) -> None:
        engine = CheckpointEngine(path, threads)
        super().__init__(engine, path, size=size, threads=threads, floor=floor, iou=0.5, version=path.stem)
