"""Small ONNX files that always answer the same, written byte by byte: what engines meet in real files, exactly."""

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

NAMES = "{0: 'cattle', 1: 'sheep', 2: 'pig', 3: 'person'}"
FLOAT, INT64, FLOAT16 = 1, 7, 10
_TYPES = {np.dtype(np.float32): FLOAT, np.dtype(np.int64): INT64, np.dtype(np.float16): FLOAT16}


def write_network(
    path: Path,
    answer: NDArray[np.float32] | NDArray[np.float16],
    *,
    names: str = NAMES,
    takes: tuple[int | str, ...] = (1, 3, "height", "width"),
    kind: int = FLOAT,
    ir: int = 8,
    opset: int = 17,
) -> Path:
    """A network that takes a picture of shape `takes` and element type `kind` and gives `answer` whatever it shows."""
    initialiser = _tensor("answer", answer)
    node = _text(1, "answer") + _text(2, "output0") + _text(4, "Identity")
    graph = (
        _part(1, node)
        + _text(2, "fixed")
        + _part(5, initialiser)
        + _part(11, _value("images", kind, takes))
        + _part(12, _value("output0", _TYPES[answer.dtype], answer.shape))
    )
    opsets = _part(8, _text(1, "") + _number(2, opset))
    metadata = _part(14, _text(1, "names") + _text(2, names)) if names else b""
    path.write_bytes(_number(1, ir) + _part(7, graph) + opsets + metadata)
    return path


def columns(rows: list[tuple[tuple[float, float, float, float], int, float]], classes: int = 4) -> NDArray[np.float32]:
    """A (1, 4 + classes, N) output from rows of (centre x, centre y, width, height), class, score."""
    output = np.zeros((1, 4 + classes, len(rows)), np.float32)
    for at, (box, kind, score) in enumerate(rows):
        output[0, :4, at], output[0, 4 + kind, at] = box, score
    return output


def _tensor(name: str, array: NDArray[np.float32] | NDArray[np.float16]) -> bytes:
    dims = b"".join(_number(1, side) for side in array.shape)
    return dims + _number(2, _TYPES[array.dtype]) + _text(8, name) + _part(9, array.tobytes())


def _value(name: str, kind: int, shape: tuple[int | str, ...]) -> bytes:
    sides = b"".join(_part(1, _number(1, s) if isinstance(s, int) else _text(2, s)) for s in shape)
    return _text(1, name) + _part(2, _part(1, _number(1, kind) + _part(2, sides)))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _text(field: int, text: str) -> bytes:
    return _part(field, text.encode())


def _part(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out += struct.pack("B", value & 127 | 128)
        value >>= 7
    return out + struct.pack("B", value)
