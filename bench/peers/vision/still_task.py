"""A still task as every detector takes it. Runs in the peers' Python.

Task: `picture` (a file), `score` (least score of a box). Answer: `boxes` [[x1,y1,x2,y2,score,class], ...] with the
network's own classes, `ms` of detecting alone, `names` of the classes.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import onnx
from protocol import Answer, Task, parser

Look = Callable[[Any, float], list[list[float]]]  # picture BGR, least score -> rows


def still_parser(description: str | None) -> argparse.ArgumentParser:
    """The command line of a runner of stills."""
    made = parser(description)
    made.add_argument("--model", type=Path, required=True, help="a network that ultralytics can open")
    made.add_argument("--size", type=int, default=640, help="longest side of the network's input, pixels")
    return made


def openable(model: Path, folder: Path) -> str:
    """A network's path for ultralytics, which stumbles over empty metadata: a copy in `folder` is without."""
    if model.suffix != ".onnx":
        return str(model)
    network = onnx.load(model)
    kept = [(entry.key, entry.value) for entry in network.metadata_props if entry.value]
    del network.metadata_props[:]
    onnx.helper.set_model_props(network, dict(kept))
    copy = folder / model.name
    onnx.save(network, copy)
    return str(copy)


def looked(task: Task, look: Look) -> Answer:
    """Read the picture, then time one look at it. Raises FileNotFoundError for a picture that cannot be read."""
    picture = cv2.imread(task["picture"])
    if picture is None:
        raise FileNotFoundError(task["picture"])
    began = time.perf_counter()
    rows = look(picture, float(task["score"]))
    took_ms = (time.perf_counter() - began) * 1000
    return {"boxes": [[round(float(v), 3) for v in row] for row in rows], "ms": round(took_ms, 2)}
