"""The files of one model and what its manifest says of them."""

from __future__ import annotations

import ast
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import msgspec
import onnxruntime

from vision.errors import VisionError
from vision.manifest import Manifest, ModelFile, file_sha256, manifest_path, parse_manifest, write_manifest
from vision.papers.data_sheet import DataSheet, summary
from vision.papers.parity import Parity
from vision.papers.quantise import int8_path


def class_names(model: Path) -> tuple[str, ...]:
    """The class names in a network's metadata, in its order; none where it has none. VisionError for no network."""
    try:
        session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
        names = ast.literal_eval(session.get_modelmeta().custom_metadata_map.get("names", "{}"))
    except Exception as error:  # ONNX Runtime's own errors share no public base
        raise VisionError(f"{model} is not a network with class names: export it again") from error
    return tuple(names[row] for row in sorted(names))


def paper_of(model: Path, image_size: int) -> Manifest:
    """The manifest beside an fp32 model, with its files; a blank one where there is none, or one of other weights."""
    sha256, path = file_sha256(model), manifest_path(model)
    known = parse_manifest(path) if path.is_file() else None
    if known is None or known.sha256 != sha256:
        known = Manifest(model.stem, sha256, image_size, classes=class_names(model))
    if not known.classes:  # of the format before
        known = replace(known, classes=class_names(model))
    return known if model.name in known.files else known.with_file(model.name, ModelFile(sha256, "fp32"))


def manifest_with_files(manifest: Manifest, model: Path) -> Manifest:
    """A newly calibrated manifest with the files of the old one. The int8 twin must be judged anew: verdicts are about
    counts, and those have changed. The fp32 file keeps what the comparison with its checkpoint said.
    """
    old, twin = paper_of(model, manifest.image_size), int8_path(model)
    listed = manifest.with_file(model.name, old.files[model.name])
    return listed.with_file(twin.name, ModelFile(file_sha256(twin), "int8")) if twin.is_file() else listed


def made_from(sheet: Path | None, record: Path | None) -> dict[str, Any]:
    """What a manifest keeps of a data sheet and of a training run's record. VisionError for anything else."""
    kept: dict[str, Any] = {}
    try:
        if sheet is not None:
            kept["sheet"] = summary(msgspec.json.decode(sheet.read_bytes(), type=DataSheet))
        if record is not None:
            kept["run"] = msgspec.json.decode(record.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.MsgspecError) as error:
        raise VisionError(
            f"{sheet} or {record}: {error}. Give data_sheet.json and run.json as they were written"
        ) from error
    return kept


def keep_verdict(model: Path, file: Path, parity: Parity, image_size: int) -> Path:
    """Write what was measured on `file`, a file of `model`, into their manifest; returns the manifest's path."""
    precision = "fp32" if file.name == model.name else "int8"
    verdict = ModelFile(file_sha256(file), precision, parity.accepted, asdict(parity))
    return write_manifest(model, paper_of(model, image_size).with_file(file.name, verdict))
