"""What stands beside a model: where it came from, and how far its counts can be trusted, per kind of scene."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from vision.errors import VisionError

ANY_SCENE = "any"


@dataclass(frozen=True, slots=True)
class SceneTrust:
    """How to count one kind of scene, measured on validation pictures.

    score: boxes at or above it are counted. quantile: the 95 % split-conformal quantile of |N - Nhat| / sqrt(Nhat)
    on `pictures` pictures; None when they are too few to know it. recall, precision: at `score`.
    """

    score: float
    quantile: float | None
    pictures: int
    recall: float | None = None
    precision: float | None = None


UNCALIBRATED = SceneTrust(score=0.25, quantile=None, pictures=0)


@dataclass(frozen=True, slots=True)
class Manifest:
    """A model's paper. `figures` and `data` are for people; `scenes` decides how counts are made."""

    version: str
    sha256: str
    image_size: int
    scenes: dict[str, SceneTrust] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)

    def trust(self, scene: str | None) -> SceneTrust:
        """The trust for one kind of scene. One that was never measured, or too little, borrows the pooled interval."""
        pooled = self.scenes.get(ANY_SCENE, UNCALIBRATED)
        own = self.scenes.get(scene or ANY_SCENE, pooled)
        if own.quantile is not None or pooled.quantile is None:
            return own
        return SceneTrust(own.score, pooled.quantile, own.pictures, own.recall, own.precision)


def read_manifest(model: Path) -> Manifest:
    """The manifest beside `model`. A model without one is counted uncalibrated; VisionError when they do not match."""
    sha256 = file_sha256(model)
    path = model.with_suffix(".json")
    if not path.is_file():
        return Manifest(model.stem, sha256, image_size=640)
    try:
        document = json.loads(path.read_text())
        scenes = {name: SceneTrust(**trust) for name, trust in document.pop("scenes").items()}
        manifest = Manifest(scenes=scenes, **document)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise VisionError(f"{path} is not a manifest ({error}): make it with `python -m vision calibrate`") from error
    if manifest.sha256 != sha256:
        raise VisionError(f"{model} is not the model that {path.name} describes: calibrate it again")
    return manifest


def write_manifest(model: Path, manifest: Manifest) -> Path:
    """Write the manifest beside `model`; returns its path."""
    path = model.with_suffix(".json")
    path.write_text(json.dumps(asdict(manifest), indent=2) + "\n")
    return path


def file_sha256(path: Path) -> str:
    """Hex digest of a file; VisionError when it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise VisionError(f"no model at {path} ({error.strerror}): name an .onnx file") from error
