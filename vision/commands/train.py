"""`train`: fine-tune the counter on labelled pictures. Needs the `train` extra; a GPU is not needed."""

from __future__ import annotations

import argparse
from pathlib import Path

from vision.commands.terminal import picture_sets, say
from vision.training import train_counter


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, help="folder of labelled sets; default: the shared ones")
    parser.add_argument("--extra", type=Path, action="append", default=[], help="a further set in the YOLO layout")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints")
    parser.add_argument("--start", type=Path, help="weights to start from")
    parser.add_argument("--minutes", type=float, default=50, help="wall time; the learning rate ends with it")
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--mosaic", type=float, default=0.6, help="share of pictures glued from four")
    parser.add_argument("--seed", type=int, default=0)


def run(arguments: argparse.Namespace) -> int:
    data = arguments.data or picture_sets()
    last = train_counter(
        data,
        arguments.out,
        arguments.minutes,
        arguments.seed,
        arguments.extra,
        arguments.start,
        arguments.learning_rate,
        arguments.mosaic,
    )
    say(f"wrote {last}; next: python -m vision export {last} --out vision/models/herd-<version>.onnx")
    return 0
