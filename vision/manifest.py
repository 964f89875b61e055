"""What stands beside a model: where it came from, and how far its counts can be trusted, per kind of scene.

One manifest describes one network and its twins (`herd-2.onnx`, `herd-2.int8.onnx`: both in `herd-2.json`). Files are
told by their hash, so they may be renamed together. Keys that this program does not know are refused: one of them may
decide how animals are counted, and a count that skips it would look just as sure.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from vision.errors import VisionError
from vision.trust.band import Band, quantile_at
from vision.trust.chance import Chance
from vision.trust.watch import ScoreWatch

ANY_SCENE = "any"
FORMAT = 2  # 1: no `format`, `classes` and `files`; read as it is


@dataclass(frozen=True, slots=True)
class SceneTrust:
    """How to count one kind of scene, measured on validation pictures.

    score: boxes at or above it are counted, unless there is a `chance`: then head is the sum of the boxes' chances,
    times `factor` for animals without a box. quantile: the 95 % split-conformal quantile of |N - Nhat| / sqrt(Nhat)
    on `pictures` pictures; None when they are too few to know it. bands: the same by range of counts, where there are
    enough. recall, precision: of the boxes that were counted. look: "auto" (a closer look at small animals), "whole",
    "size 960" or "tiles 640". watch: what scores looked like, to notice that recall has slipped.
    """

    score: float
    quantile: float | None
    pictures: int
    recall: float | None = None
    precision: float | None = None
    chance: Chance | None = None
    factor: float = 1.0
    bands: tuple[Band, ...] = ()
    look: str = "auto"
    watch: ScoreWatch | None = None

    def quantile_at(self, best: int) -> float | None:
        """The quantile for a count of `best`; None when it is not known."""
        own = quantile_at(self.bands, best)
        return self.quantile if own is None else own


UNCALIBRATED = SceneTrust(score=0.25, quantile=None, pictures=0)


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model. precision: "fp32" or "int8".

    accepted: whether it counts like what it was made from, as `parity` says; None when nobody has compared.
    """

    sha256: str
    precision: str
    accepted: bool | None = None
    parity: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest:
    """A model's paper. `figures` and `data` are for people; `scenes` decides how counts are made.

    sha256: of the fp32 file. classes: the network's class names, in its order. files: by name, the fp32 one among them.
    """

    version: str
    sha256: str
    image_size: int
    scenes: dict[str, SceneTrust] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    files: dict[str, ModelFile] = field(default_factory=dict)
    format: int = FORMAT

    def with_file(self, name: str, file: ModelFile) -> Manifest:
        """The same paper with one more file, or with another verdict on one."""
        return replace(self, files={**self.files, name: file})

    def trust(self, scene: str | None) -> SceneTrust:
        """The trust for one kind of scene. One that was never measured, or too little, borrows the pooled interval.

        "pasture/corridor" that was never measured is counted as some scene of "pasture", if that was.
        """
        pooled = self.scenes.get(ANY_SCENE, UNCALIBRATED)
        wider = self.scenes.get((scene or ANY_SCENE).partition("/")[0], pooled)
        own = self.scenes.get(scene or ANY_SCENE, wider)
        if own.quantile is not None or pooled.quantile is None:
            return own
        return replace(own, quantile=pooled.quantile)


def manifest_path(model: Path) -> Path:
    """Where the paper of a model or of its int8 twin stands."""
    return model.with_name(model.name.removesuffix(".onnx").removesuffix(".int8") + ".json")


def read_manifest(model: Path) -> Manifest:
    """The manifest of `model`, as it counts: an int8 twin has its own `version` and `sha256`.

    A model without one is counted uncalibrated. VisionError when they do not match, when the manifest is of another
    format, or when `model` was refused, or is a twin that nobody has compared.
    """
    sha256 = file_sha256(model)
    path = manifest_path(model)
    if not path.is_file():
        return Manifest(model.stem, sha256, image_size=640)
    manifest = parse_manifest(path)
    own = next((file for file in manifest.files.values() if file.sha256 == sha256), None)
    if own is not None and own.accepted is False:
        because = "; ".join(own.parity.get("refused_because", ())) or "see its figures"
        raise VisionError(f"{model} was refused ({because}): {_instead(manifest, sha256)}")
    return manifest if manifest.sha256 == sha256 else _as_twin(manifest, own, model, sha256)


def parse_manifest(path: Path) -> Manifest:
    """The manifest in a file, of this format or the one before. VisionError for anything else."""
    try:
        document = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
        _refuse_format(document, path)
        manifest = msgspec.convert({"format": 1, **document}, Manifest)
    except (OSError, msgspec.MsgspecError) as error:
        raise VisionError(f"{path} is not a manifest ({error}): make it with `python -m vision calibrate`") from error
    _refuse_unknown(document, asdict(manifest), path)
    return manifest


def write_manifest(model: Path, manifest: Manifest) -> Path:
    """Write the manifest beside `model`, in the present format; returns its path."""
    path = manifest_path(model)
    path.write_text(json.dumps({"format": FORMAT} | asdict(replace(manifest, format=FORMAT)), indent=2) + "\n")
    return path


def file_sha256(path: Path) -> str:
    """Hex digest of a file; VisionError when it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise VisionError(f"no model at {path} ({error.strerror}): name an .onnx file") from error


def _as_twin(manifest: Manifest, twin: ModelFile | None, model: Path, sha256: str) -> Manifest:
    if twin is None:
        raise VisionError(f"{model} is not the model that {manifest_path(model).name} describes: calibrate it again")
    if twin.accepted is None:
        raise VisionError(f"nobody has compared {model} with what it was made from: `python -m vision parity` does")
    return replace(manifest, version=f"{manifest.version}.{twin.precision}", sha256=sha256)


def _instead(manifest: Manifest, sha256: str) -> str:
    return "export it again" if sha256 == manifest.sha256 else f"count with {manifest.version}.onnx"


def _refuse_format(document: dict[str, Any], path: Path) -> None:
    written = document.get("format", 1)
    if written not in (1, FORMAT):
        raise VisionError(
            f"{path} has format {written}, this program reads up to {FORMAT}: update it, or use a model of its time"
        )


def _refuse_unknown(document: dict[str, Any], read: dict[str, Any], path: Path) -> None:
    """What was read, written again, has every key of the document, or one was not understood."""
    strange = sorted(_unread(document, read))
    if strange:
        raise VisionError(f"{path} says {', '.join(strange)}, which this program cannot obey: update it")


def _unread(document: Any, read: Any, place: str = "") -> Iterator[str]:
    if isinstance(document, dict) and isinstance(read, dict):
        for key, value in document.items():
            here = f"{place}.{key}" if place else str(key)
            yield from _unread(value, read[key], here) if key in read else [here]
    elif isinstance(document, list) and isinstance(read, list | tuple):
        for number, (value, own) in enumerate(zip(document, read, strict=False)):
            yield from _unread(value, own, f"{place}[{number}]")
