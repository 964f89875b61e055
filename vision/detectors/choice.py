"""Which engine runs a model: the one asked for, or the faster of those that are installed, measured once."""

from __future__ import annotations

import logging
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from vision.detector import Float
from vision.detectors import openvino
from vision.detectors.memory import recall, remember
from vision.detectors.network import Engine, NetworkDetector
from vision.detectors.onnx import OnnxEngine
from vision.detectors.openvino import OpenVinoEngine, Precision
from vision.letterbox import Letterbox

EngineName = Literal["auto", "onnx", "openvino"]
TRIAL_FRAMES = 5
FASTER_BY = 1.1  # less than this is within what a busy machine measures wrongly
_SAME_WITHIN = 0.05  # of a score; 16 bits move it by a hundredth
_CAMERA = (1280, 720)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trial:
    """How two engines did on the same input: ms a frame, medians. same: whether they told the same."""

    onnx_ms: float
    openvino_ms: float
    same: bool

    @property
    def winner(self) -> Literal["onnx", "openvino"]:
        """OpenVINO when it tells the same and is clearly faster."""
        return "openvino" if self.same and self.openvino_ms * FASTER_BY < self.onnx_ms else "onnx"


def open_detector(
    path: Path,
    *,
    engine: EngineName = "auto",
    precision: Precision = "fast",
    size: int = 640,
    threads: int = 2,
    floor: float = 0.05,
    iou: float = 0.5,
    version: str = "",
) -> NetworkDetector:
    """A detector for a model file; arguments as `NetworkDetector`.

    engine: 'auto' takes OpenVINO where it is installed and faster for this model on this machine. That is measured
    once, in a second or two, and remembered in the user's cache folder.
    precision: 'fast' lets OpenVINO calculate in 16 bits where the processor can, 'exact' never.
    Raises VisionError when the model cannot be used, or the engine asked for is not installed.
    """
    chosen = _chosen(path, engine, precision, size, threads)
    return NetworkDetector(chosen, path, size=size, threads=threads, floor=floor, iou=iou, version=version)


def _chosen(path: Path, engine: EngineName, precision: Precision, size: int, threads: int) -> Engine:
    if engine == "openvino":
        return OpenVinoEngine(path, threads, precision)
    if engine == "onnx" or not openvino.is_installed():
        return OnnxEngine(path, threads)
    known = recall(path, precision, size, threads)
    if known == "onnx":
        return OnnxEngine(path, threads)
    try:
        fast = OpenVinoEngine(path, threads, precision)
        return fast if known == "openvino" else _tried(path, fast, precision, size, threads)
    except Exception as error:  # noqa: BLE001 - whatever an extra does, counting goes on without it
        log.warning("OpenVINO cannot run %s, ONNX Runtime counts instead: %s", path, error)
        return OnnxEngine(path, threads)


def _tried(path: Path, fast: Engine, precision: Precision, size: int, threads: int) -> Engine:
    portable = OnnxEngine(path, threads)
    trial = measure(portable, fast, size)
    remember(path, precision, size, threads, trial.winner)
    log.info("%s: %s takes %.1f ms, %s %.1f ms", path, portable.name, trial.onnx_ms, fast.name, trial.openvino_ms)
    if not trial.same:
        log.warning("%s does not tell the same as %s about %s: not used", fast.name, portable.name, path)
    return fast if trial.winner == "openvino" else portable


def measure(portable: Engine, fast: Engine, size: int) -> Trial:
    """Run both engines in turn on one input of a usual camera's shape."""
    tensor = _input(portable.network.side, size)
    same = _tell_the_same(portable.run(tensor), fast.run(tensor))  # their first runs, not timed
    times: dict[int, list[float]] = {0: [], 1: []}
    for _ in range(TRIAL_FRAMES):
        for row, engine in enumerate((portable, fast)):
            started = time.perf_counter()
            engine.run(tensor)
            times[row].append(1000 * (time.perf_counter() - started))
    return Trial(statistics.median(times[0]), statistics.median(times[1]), same)


def _input(side: int | None, size: int) -> Float:
    """Soft blots, so that the network has something to look at; the same every time."""
    width, height = _CAMERA
    coarse = np.random.default_rng(7).integers(40, 220, (height // 40, width // 40, 3), dtype=np.uint8)
    picture = np.asarray(coarse.repeat(40, axis=0).repeat(40, axis=1), np.uint8)
    return Letterbox.fit(width, height, side or size, square=side is not None).tensor(picture)


def _tell_the_same(first: Float, second: Float) -> bool:
    if first.shape != second.shape:
        return False
    scores = (first[:, 4], second[:, 4]) if first.shape[1] == 6 else (first[4:], second[4:])
    return bool(np.isfinite(second).all() and np.abs(scores[0] - scores[1]).max(initial=0) <= _SAME_WITHIN)


def known_engines() -> tuple[str, ...]:
    """The engines installed here."""
    return ("onnx", "openvino") if openvino.is_installed() else ("onnx",)
