"""`average`: one checkpoint with the mean of others' weights; steadier than any of a run's last ones."""

from __future__ import annotations

import argparse
from pathlib import Path

from vision.commands.terminal import say
from vision.detectors.ultralytics import average_checkpoints
from vision.errors import VisionError


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("weights", type=Path, nargs="+", help="checkpoints of one line of training, two or more")
    parser.add_argument("--out", type=Path, required=True, help="the checkpoint to write")


def run(arguments: argparse.Namespace) -> int:
    missing = [path for path in arguments.weights if not path.is_file()]
    if missing:
        raise VisionError(f"no checkpoint at {missing[0]}: `python -m vision train` writes one")
    average_checkpoints(arguments.weights, arguments.out)
    say(f"wrote {arguments.out}; next: python -m vision export {arguments.out} --out vision/models/herd-<version>.onnx")
    return 0
