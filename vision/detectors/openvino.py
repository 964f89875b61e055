"""OpenVINO: the faster engine on most Intel and AMD processors, where the `openvino` extra is installed."""

from __future__ import annotations

from collections import OrderedDict
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np

from vision.detector import Float
from vision.detectors.network import Network, NetworkDetector, check_file
from vision.errors import VisionError

Precision = Literal["fast", "exact"]
_SHAPES_KEPT = 4  # compiled networks, one per size of input; a camera needs one


def is_installed() -> bool:
    """Whether the extra is there; imports nothing."""
    return find_spec("openvino") is not None


class OpenVinoEngine:
    """A model file in OpenVINO, compiled once for each size of input, which takes about half a second.

    precision: 'fast' lets the processor calculate in 16 bits where it can (bf16), 'exact' keeps 32.
    """

    def __init__(self, path: Path, threads: int, precision: Precision = "fast") -> None:
        self._runtime, self._core = _core()
        self._path, self._precision = path, precision
        self._settings = {
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            "PERFORMANCE_HINT": "LATENCY",
            "ENABLE_CPU_PINNING": False,  # pinned to the cores that others keep busy, it would wait for them
        } | ({"INFERENCE_PRECISION_HINT": "f32"} if precision == "exact" else {})
        model = self._read()
        if len(model.inputs) != 1:
            raise VisionError(f"{path} does not take one picture of real numbers: it is no detector, export it again")
        self._type = {"f32": np.float32, "f16": np.float16}.get(model.input(0).element_type.get_type_name())
        if self._type is None:
            raise VisionError(f"{path} does not take one picture of real numbers: it is no detector, export it again")
        self.network = Network.of(_names(model), _sides(model.input(0)), _sides(model.output(0)), path)
        self._compiled: OrderedDict[tuple[int, ...], Any] = OrderedDict()

    @property
    def name(self) -> str:
        return f"openvino {self._runtime.__version__.split('-')[0]} {self._precision}"

    def run(self, tensor: Float) -> Float:
        """(1,3,H,W) float32 to the float32 output for that one picture."""
        request = self._request(tensor.shape)
        request.infer({0: tensor.astype(self._type, copy=False)}, share_inputs=True)
        return np.array(request.get_output_tensor(0).data[0], np.float32)

    def _request(self, shape: tuple[int, ...]) -> Any:
        """What runs inputs of this shape. A network left free in its sides runs an eighth slower."""
        if shape in self._compiled:
            self._compiled.move_to_end(shape)
            return self._compiled[shape]
        model = self._read()
        model.reshape({0: list(shape)})
        self._compiled[shape] = self._core.compile_model(model, "CPU", self._settings).create_infer_request()
        if len(self._compiled) > _SHAPES_KEPT:
            self._compiled.popitem(last=False)
        return self._compiled[shape]

    def _read(self) -> Any:
        check_file(self._path)
        try:
            return self._core.read_model(str(self._path))
        except Exception as error:  # OpenVINO's own errors share no public base
            raise VisionError(
                f"{self._path} is not a model OpenVINO can open: {_last_line(error)}. Export it again"
            ) from error


class OpenVinoDetector(NetworkDetector):
    """One network file under OpenVINO; arguments as `NetworkDetector`. VisionError when it cannot be used."""

    def __init__(
        self,
        path: Path,
        *,
        size: int = 640,
        threads: int = 2,
        floor: float = 0.05,
        iou: float = 0.5,
        version: str = "",
        precision: Precision = "fast",
    ) -> None:
        engine = OpenVinoEngine(path, threads, precision)
        super().__init__(engine, path, size=size, threads=threads, floor=floor, iou=iou, version=version)


def _core() -> tuple[Any, Any]:
    try:
        import openvino  # noqa: PLC0415 - an extra, and half a second to import
    except ImportError as error:
        raise VisionError(
            f"the OpenVINO engine is not installed ({error}): install the `openvino` extra, or take engine onnx"
        ) from error
    return openvino, openvino.Core()


def _last_line(error: Exception) -> str:
    """The telling line of OpenVINO's many: those before say where in its source."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__


def _names(model: Any) -> str:
    """The class names in the metadata of the ONNX file, empty without."""
    framework = model.rt_info["framework"] if model.has_rt_info("framework") else {}
    return str(framework["names"].value) if "names" in framework else ""


def _sides(port: Any) -> tuple[int | None, ...]:
    return tuple(side.get_length() if side.is_static else None for side in port.get_partial_shape())
