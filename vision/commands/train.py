"""`train`: fine-tune the counter on labelled pictures. Needs the `train` extra; a GPU is not needed."""

from __future__ import annotations

import argparse
from pathlib import Path

from vision.commands.terminal import picture_sets, say
from vision.training.run import Recipe, train_counter


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, help="folder of labelled sets; default: the shared ones")
    parser.add_argument("--extra", type=Path, action="append", default=[], help="a further set in the YOLO layout")
    parser.add_argument("--out", type=Path, required=True, help="folder for the laid-out set, checkpoints and record")
    parser.add_argument("--start", type=Path, help="weights to start from; default: the COCO ones below the data")
    parser.add_argument("--minutes", type=float, default=25, help="wall time; the learning rate falls with it")
    parser.add_argument("--learning-rate", type=float, default=1e-3, help="at the start")
    parser.add_argument("--last-learning-rate", type=float, default=2e-5, help="at the end")
    parser.add_argument("--mosaic", type=float, default=0.6, help="share of pictures glued from four")
    parser.add_argument("--plain-passes", type=int, default=1, help="last passes without gluing")
    parser.add_argument("--frozen-layers", type=int, default=0, help="first layers that stay as they are")
    parser.add_argument(
        "--without-scene", action="append", default=[], help="kind of scene to leave out, to measure unseen ones"
    )
    parser.add_argument("--people", type=Path, help="ONNX network with COCO classes that labels people")
    parser.add_argument("--seed", type=int, default=0)


def run(arguments: argparse.Namespace) -> int:
    recipe = Recipe(
        data=arguments.data or picture_sets(),
        minutes=arguments.minutes,
        seed=arguments.seed,
        extra=tuple(arguments.extra),
        start=arguments.start,
        without_scenes=tuple(arguments.without_scene),
        knows_people=arguments.people,
        learning_rate=arguments.learning_rate,
        last_learning_rate=arguments.last_learning_rate,
        mosaic=arguments.mosaic,
        plain_passes=arguments.plain_passes,
        frozen_layers=arguments.frozen_layers,
    )
    last = train_counter(recipe, arguments.out, lambda name: say(f"laid out {name}"))
    say(f"wrote {last}; next: python -m vision export {last} --out vision/models/herd-<version>.onnx")
    return 0
