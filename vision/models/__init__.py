"""The model that comes along, and where it is."""

from __future__ import annotations

from pathlib import Path

from vision.errors import VisionError

HERE = Path(__file__).parent


def default_model() -> Path:
    """The newest `herd-<version>.onnx` in this folder; VisionError when there is none."""
    found = sorted((path for path in HERE.glob("herd-*.onnx") if not path.stem.endswith(".int8")), key=_version)
    if not found:
        raise VisionError(f"no herd-*.onnx in {HERE}: train and export one, or name a model with --model")
    return found[-1]


def _version(path: Path) -> tuple[int, ...]:
    parts = path.stem.removeprefix("herd-").split(".")
    return tuple(int(part) if part.isdigit() else -1 for part in parts)
