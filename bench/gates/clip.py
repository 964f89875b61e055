"""A clip: frozen detections, the line, the truth. What every counter gets, and what it is judged by."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.peers.vision.protocol import Task

Frames = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Clip:
    """group: what the table sums over. detections: a file of one frame a line. come, gone: the truth, down or right in.

    head: animals in it, whether they cross or not.
    """

    name: str
    group: str
    detections: Path
    line: tuple[float, float, float, float]
    come: int
    gone: int
    head: int
    fps: float
    width: int
    height: int

    @property
    def passages(self) -> int:
        return self.come + self.gone

    @property
    def task(self) -> Task:
        """The clip as a peer gets it: without the truth."""
        return {
            "name": self.name, "detections": str(self.detections), "line": list(self.line), "fps": self.fps,
            "width": self.width, "height": self.height,
        }  # fmt: skip


def write_frames(path: Path, frames: Frames) -> Path:
    """Write a detections file: `{"frame": n, "t": s, "boxes": [[x1,y1,x2,y2,score,class], ...]}` a line."""
    with path.open("w") as file:
        file.writelines(json.dumps(frame) + "\n" for frame in frames)
    return path
