"""`export`: turn a checkpoint into the ONNX file that counting uses. Needs the `train` extra."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from vision.commands.terminal import say
from vision.detectors.ultralytics import export_onnx
from vision.errors import VisionError


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("weights", type=Path, help="a checkpoint that `train` wrote")
    parser.add_argument("--out", type=Path, required=True, help="the .onnx file to write")
    parser.add_argument("--size", type=int, default=640)


def run(arguments: argparse.Namespace) -> int:
    if not arguments.weights.is_file():
        raise VisionError(f"no checkpoint at {arguments.weights}: `python -m vision train` writes one")
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(export_onnx(arguments.weights, arguments.size), arguments.out)
    say(f"wrote {arguments.out}; next: python -m vision calibrate {arguments.out}")
    return 0
