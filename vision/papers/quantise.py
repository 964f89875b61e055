"""An int8 twin of a network by ONNX Runtime's static quantisation. Needs `onnx`, which only the train extra brings."""

# ruff: noqa: PLC0415 - counting installs do not have onnx; it is imported when somebody quantises

from __future__ import annotations

import importlib.util
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vision.errors import VisionError
from vision.letterbox import Letterbox
from vision.picture import read_picture

KEPT_STAGES = 5  # stages 0 to 4 stay fp32: the first three alone make most of the error, and 3 and 4 the next of it
_STEM = re.compile(r"^/model\.(\d+)/")  # how exported networks name the stages they are made of
_QUANTISED = ("Conv", "Sigmoid", "Mul", "Add", "Concat", "MaxPool", "Resize", "Split")
_SILENT = -8.0  # x * sigmoid(x) is nothing from here down (-0.003), so no step of the 256 is spent below


def int8_path(model: Path) -> Path:
    """Where the int8 twin of `model` stands: beside it."""
    return model.with_name(f"{model.stem}.int8.onnx")


def quantise(model: Path, out: Path, pictures: Sequence[Path], size: int, kept_stages: int = KEPT_STAGES) -> Path:
    """Write the int8 twin of `model` to `out`; returns `out`.

    pictures: what the ranges of the activations are read from, training pictures and never validation ones.
    size: longest side of the network's input, pixels. kept_stages: so many first stages stay fp32, and the detection
    head does: it decodes distances and scores whose ranges eight bits cannot hold. Raises VisionError when onnx is
    missing, there is no picture, or the network does not name its stages.
    """
    _need_onnx()
    if not pictures:
        raise VisionError("no pictures to read ranges from: pass the folder of sets to --data")
    from onnxruntime import quantization

    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.onnx"
        quantization.quant_pre_process(str(model), str(ready), skip_symbolic_shape=True)
        graph = _graph(ready)
        kept = kept_in_full([node.name for node in graph.node], kept_stages)
        before = [node.output[0] for node in graph.node if node.op_type == "Conv" and node.name not in kept]
        ranges = _ranges(ready, Path(folder) / "watched.onnx", _Pictures(pictures, size, graph.input[0].name))
        quantization.quantize_static(
            str(ready),
            str(out),
            _Pictures(pictures, size, graph.input[0].name),
            quant_format=quantization.QuantFormat.QDQ,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            per_channel=True,
            op_types_to_quantize=list(_QUANTISED),
            nodes_to_exclude=sorted(kept),
            extra_options={"TensorQuantOverrides": _without_silence(ranges, set(before) & _gated(graph))},
        )
    _keep_names(model, out)
    return out


def kept_in_full(names: Sequence[str], kept_stages: int) -> set[str]:
    """The nodes of the first stages, of the last one, which is the head, and those of no stage."""
    stages = {name: int(found.group(1)) for name in names if (found := _STEM.match(name))}
    if not stages:
        raise VisionError("the network does not name its stages: export it with `python -m vision export`")
    last = max(stages.values())
    return {name for name in names if not kept_stages <= stages.get(name, last) < last}


class _Pictures:
    """Network inputs, one a call, as ONNX Runtime's calibrators ask for them."""

    def __init__(self, pictures: Sequence[Path], size: int, name: str) -> None:
        self._tensors, self._name = _tensors(pictures, size), name

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        """The next input, None after the last."""
        tensor = next(self._tensors, None)
        return None if tensor is None else {self._name: tensor}

    def __iter__(self) -> Iterator[dict[str, NDArray[np.float32]]]:
        return iter(self.get_next, None)


def _tensors(pictures: Sequence[Path], size: int) -> Iterator[NDArray[np.float32]]:
    for path in pictures:
        image = read_picture(path).image
        yield Letterbox.fit(image.shape[1], image.shape[0], size).tensor(image)


def _ranges(ready: Path, watched: Path, pictures: _Pictures) -> dict[str, tuple[float, float]]:
    """Lowest and highest value of each convolution's output over the pictures."""
    from onnxruntime.quantization.calibrate import create_calibrator

    calibrator = create_calibrator(str(ready), ["Conv"], augmented_model_path=str(watched))
    calibrator.collect_data(pictures)
    return {
        name: (float(np.ravel(data.range_value[0])[0]), float(np.ravel(data.range_value[1])[0]))
        for name, data in calibrator.compute_data().items()
    }


def _gated(graph: Any) -> set[str]:
    """Tensors that go into x * sigmoid(x) and nowhere else."""
    readers: dict[str, set[str]] = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, set()).add(node.op_type)
    return {name for name, kinds in readers.items() if kinds == {"Sigmoid", "Mul"}}


def _without_silence(ranges: dict[str, tuple[float, float]], gated: set[str]) -> dict[str, list[dict[str, Any]]]:
    """Ranges that leave out what the gate makes nothing of."""
    return {
        name: [{"rmin": np.array(_SILENT, np.float32), "rmax": np.array(high, np.float32)}]
        for name, (low, high) in ranges.items()
        if name in gated and low < _SILENT < high
    }


def _need_onnx() -> None:
    if importlib.util.find_spec("onnx") is None:
        raise VisionError("an int8 file needs `onnx`: install the `train` extra. Counting with one does not need it")


def _graph(path: Path) -> Any:
    import onnx  # type: ignore[import-not-found, unused-ignore]

    return onnx.load(path).graph


def _keep_names(model: Path, out: Path) -> None:
    """Carry the class names and the licence over; quantising forgets them."""
    import onnx

    written, source = onnx.load(out), onnx.load(model)
    del written.metadata_props[:]
    written.metadata_props.extend(source.metadata_props)
    onnx.save(written, out)
