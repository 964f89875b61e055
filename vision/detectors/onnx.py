"""YOLO-family networks under ONNX Runtime: the default engine. No torch, bounded threads."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from vision.detector import CLASSES, Boxes, Float, Image
from vision.errors import VisionError
from vision.letterbox import Letterbox
from vision.suppression import suppress

_COCO_ROWS = 4 + 80  # networks for the public COCO classes often come without names
_COCO_ANIMALS = {18: "sheep", 19: "cow"}
_OTHER_NAMES = {"cow": "cattle"}  # what other label sets call ours


class OnnxDetector:
    """One network file. Not for several threads at once; make one per thread.

    size: longest side of the network's input in pixels; a network with a fixed input ignores it.
    floor: boxes under this score are never returned. iou: overlap at which the worse box goes.
    """

    def __init__(
        self,
        path: Path,
        *,
        size: int = 640,
        threads: int = 2,
        floor: float = 0.05,
        iou: float = 0.5,
        version: str = "",
    ) -> None:
        self._session = _open(path, threads)
        tensor = self._session.get_inputs()[0]
        fixed = isinstance(tensor.shape[2], int)
        self._input, self._square = tensor.name, fixed
        self._size = int(tensor.shape[2]) if fixed else size
        self._floor, self._iou = floor, iou
        self._columns = _our_columns(self._session, path)
        self._version = version or path.stem

    @property
    def version(self) -> str:
        return self._version

    def detect(self, image: Image) -> Boxes:
        """Boxes in `image`, (H,W,3) BGR uint8, best first."""
        height, width = image.shape[:2]
        box = Letterbox.fit(width, height, self._size, square=self._square)
        output = self._session.run(None, {self._input: box.tensor(image)})[0][0]
        found = read_output(output, self._columns, self._floor)
        return suppress(_onto_picture(found, box, width, height), self._iou)


def read_output(output: Float, columns: NDArray[np.intp], floor: float) -> Boxes:
    """Boxes in network pixels from a YOLO head's (4 + classes, N) output.

    columns: for each of our classes the row of its scores among the network's classes, or -1.
    """
    known = np.flatnonzero(columns >= 0)
    scores = output[4 + columns[known]]
    best = scores.argmax(axis=0)
    score = scores[best, np.arange(scores.shape[1])]
    keep = np.flatnonzero(score >= floor)
    centre, half = output[:2, keep].T, output[2:4, keep].T / 2
    xyxy = np.concatenate([centre - half, centre + half], axis=1)
    return Boxes(xyxy, np.clip(score[keep], 0, 1), known[best[keep]])


def _onto_picture(boxes: Boxes, letterbox: Letterbox, width: int, height: int) -> Boxes:
    xyxy = np.clip(letterbox.back(boxes.xyxy), 0, np.array([width, height] * 2, np.float32))
    return Boxes(xyxy, boxes.score, boxes.class_id)


def _open(path: Path, threads: int) -> onnxruntime.InferenceSession:
    if not path.is_file():
        raise VisionError(f"no model at {path}: name an .onnx file, or leave it out for the one that comes along")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's own errors share no public base
        raise VisionError(f"{path} is not a model ONNX Runtime can open ({error}): export it again") from error


def _our_columns(session: onnxruntime.InferenceSession, path: Path) -> NDArray[np.intp]:
    """Where each of our classes stands among the network's, from the names in its metadata."""
    rows = {_OTHER_NAMES.get(name, name): row for row, name in _names(session, path).items()}
    columns = np.array([rows.get(name, -1) for name in CLASSES], np.intp)
    if (columns < 0).all():
        raise VisionError(f"{path} knows none of {', '.join(CLASSES)}: it was trained for something else")
    return columns


def _names(session: onnxruntime.InferenceSession, path: Path) -> dict[int, str]:
    text = session.get_modelmeta().custom_metadata_map.get("names", "")
    if not text and session.get_outputs()[0].shape[1] == _COCO_ROWS:
        return _COCO_ANIMALS
    try:
        names: dict[int, str] = ast.literal_eval(text)
    except (ValueError, SyntaxError) as error:
        raise VisionError(f"{path} does not name its classes: export it with `python -m vision export`") from error
    return names
