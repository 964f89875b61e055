"""ONNX Runtime: the engine that is always there. No torch, bounded threads."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import onnxruntime

from vision.detector import Float
from vision.detectors.network import Network, NetworkDetector, check_file
from vision.errors import VisionError

_TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16}


class OnnxEngine:
    """A model file in ONNX Runtime. `threads` are all it uses, and they sleep between pictures."""

    def __init__(self, path: Path, threads: int) -> None:
        self._session = _open(path, threads)
        tensor, output = self._session.get_inputs()[0], self._session.get_outputs()[0]
        self._input, self._output = tensor.name, output.name
        if len(self._session.get_inputs()) != 1 or tensor.type not in _TYPES:
            raise VisionError(f"{path} does not take one picture of real numbers: it is no detector, export it again")
        self._type = _TYPES[tensor.type]
        names = self._session.get_modelmeta().custom_metadata_map.get("names", "")
        self.network = Network.of(names, _sides(tensor.shape), _sides(output.shape), path)

    @property
    def name(self) -> str:
        return f"onnxruntime {onnxruntime.__version__}"

    def run(self, tensor: Float) -> Float:
        """(1,3,H,W) float32 to the float32 output for that one picture."""
        found = self._session.run([self._output], {self._input: tensor.astype(self._type, copy=False)})[0][0]
        return np.asarray(found, np.float32)


class OnnxDetector(NetworkDetector):
    """One network file under ONNX Runtime; arguments as `NetworkDetector`. VisionError when it cannot be used."""

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
        super().__init__(
            OnnxEngine(path, threads), path, size=size, threads=threads, floor=floor, iou=iou, version=version
        )


def _sides(shape: list[int | str | None]) -> tuple[int | None, ...]:
    """Lengths, None where one is free: ONNX writes a name there."""
    return tuple(side if isinstance(side, int) and side > 0 else None for side in shape)


def _open(path: Path, threads: int) -> onnxruntime.InferenceSession:
    check_file(path)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    # Waiting threads would spin: on a machine that does other work too, that costs more than it wins.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4  # what fails is told below
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's own errors share no public base
        raise VisionError(f"{path} is not a model ONNX Runtime can open: {_advice(str(error))}") from error


def _advice(words: str) -> str:
    """What to do about one of ONNX Runtime's refusals."""
    newer = re.search(r"(IR version|opset):? \d+", words, re.IGNORECASE)
    if newer:
        return (
            f"its {newer[0]} is newer than ONNX Runtime {onnxruntime.__version__} knows. Update onnxruntime, or export "
            "it again with `python -m vision export`"
        )
    return f"{words.strip()}. Copy it again whole, or export it again with `python -m vision export`"
