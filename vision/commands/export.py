"""`export`: turn a checkpoint into the ONNX file that counting uses, and that into an int8 twin.

Needs the `train` extra. What was exported is compared with the checkpoint; the twin is used only once `parity`, which
needs no extra, has accepted it.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vision.commands.parity import measure, open_network, tell
from vision.commands.terminal import picture_sets, print_json, say
from vision.detectors.ultralytics import export_onnx
from vision.errors import VisionError
from vision.manifest import ModelFile, file_sha256, manifest_path, write_manifest
from vision.papers.files import keep_verdict, paper_of
from vision.papers.parity import Parity
from vision.papers.quantise import KEPT_STAGES, int8_path, quantise
from vision.truth import find_sets, pictures_in

_CALIBRATION_PICTURES = 20  # of each set, evenly spread over its training pictures


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("weights", type=Path, help="a checkpoint that `train` wrote, or an .onnx file to make int8 of")
    parser.add_argument("--out", type=Path, required=True, help="the .onnx file to write")
    parser.add_argument("--int8", action="store_true", help="also write NAME.int8.onnx beside it")
    parser.add_argument("--kept-stages", type=int, default=KEPT_STAGES, help="first stages that stay fp32 in int8")
    parser.add_argument("--data", type=Path, action="append", help="a set or folder of sets, again for more")
    parser.add_argument("--every", type=int, default=8, help="compare with the checkpoint on each n-th picture")
    parser.add_argument("--size", type=int, default=640)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line of standard output")


def run(arguments: argparse.Namespace) -> int:
    """0: written, and the int8 file, where asked for, is accepted or waits for calibration. 1: it is refused."""
    if not arguments.weights.is_file():
        raise VisionError(f"no checkpoint at {arguments.weights}: `python -m vision train` writes one")
    data = arguments.data or [picture_sets()]
    report: dict[str, Any] = {"fp32": _full(arguments, data)}
    if arguments.int8:
        report["int8"] = _twin(arguments, data)
    if arguments.json:
        print_json(report)
    refused = "int8" in report and report["int8"]["accepted"] is False
    return 1 if refused else 0


def _full(arguments: argparse.Namespace, data: Sequence[Path]) -> dict[str, Any]:
    """Write the fp32 file with its manifest; VisionError when it does not count like its checkpoint."""
    out: Path = arguments.out
    out.parent.mkdir(parents=True, exist_ok=True)
    from_checkpoint = arguments.weights.suffix != ".onnx"
    made = export_onnx(arguments.weights, arguments.size) if from_checkpoint else arguments.weights
    if made.resolve() != out.resolve():
        shutil.copyfile(made, out)
    write_manifest(out, paper_of(out, arguments.size))
    say(f"wrote {out} and {manifest_path(out).name}; next: python -m vision calibrate {out}")
    parity = _with_checkpoint(arguments, data) if from_checkpoint and _have_pictures(data) else None
    if parity is not None and not parity.accepted:
        raise VisionError(f"{out} does not count like {arguments.weights} ({'; '.join(parity.refused_because)})")
    return {"file": out.name, "sha256": file_sha256(out), "parity": None if parity is None else asdict(parity)}


def _with_checkpoint(arguments: argparse.Namespace, data: Sequence[Path]) -> Parity:
    manifest = paper_of(arguments.out, arguments.size)
    first, second = (open_network(p, arguments.size, arguments.threads) for p in (arguments.weights, arguments.out))
    parity = measure(first, second, manifest, data, arguments.every)
    tell(arguments.out, parity)
    keep_verdict(arguments.out, arguments.out, parity, arguments.size)
    return parity


def _twin(arguments: argparse.Namespace, data: Sequence[Path]) -> dict[str, Any]:
    """Write the int8 file, unjudged, and judge it when the fp32 one is calibrated: verdicts are about counts."""
    out, twin = arguments.out, int8_path(arguments.out)
    quantise(out, twin, calibration_pictures(data), arguments.size, arguments.kept_stages)
    manifest = paper_of(out, arguments.size).with_file(twin.name, ModelFile(file_sha256(twin), "int8"))
    write_manifest(out, manifest)
    say(f"wrote {twin}")
    report = {"file": twin.name, "sha256": file_sha256(twin), "accepted": None, "parity": None}
    if not manifest.scenes:
        say(f"not compared yet: after calibrating, python -m vision parity {out} {twin}")
        return report
    first, second = (open_network(path, arguments.size, arguments.threads) for path in (out, twin))
    parity = measure(first, second, manifest, data, 1)
    tell(twin, parity)
    keep_verdict(out, twin, parity, arguments.size)
    return {**report, "accepted": parity.accepted, "parity": asdict(parity)}


def calibration_pictures(data: Sequence[Path]) -> list[Path]:
    """Training pictures, evenly from every set. VisionError when there is no set."""
    chosen: list[Path] = []
    for folder in (folder for one in data for folder in find_sets(one, "train").values()):
        pictures = pictures_in(folder, "train")
        chosen += pictures[:: max(1, len(pictures) // _CALIBRATION_PICTURES)]
    return chosen


def _have_pictures(data: Sequence[Path]) -> bool:
    if all(one.is_dir() for one in data):
        return True
    say("not compared with the checkpoint: no pictures; name them with --data")
    return False
