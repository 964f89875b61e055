"""`calibrate`: measure how far a model's counts can be trusted and write its manifest."""

from __future__ import annotations

import argparse
from pathlib import Path

from vision.commands.evaluate import LOWEST, examine
from vision.commands.terminal import picture_sets, say
from vision.counter import Counter
from vision.errors import VisionError
from vision.hindsight import paper
from vision.manifest import Manifest, file_sha256, write_manifest
from vision.papers.files import class_names, made_from, manifest_with_files
from vision.papers.quantise import int8_path
from vision.still.looks import open_looks


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, help="the .onnx file to measure; its manifest is written beside it")
    parser.add_argument("--data", type=Path, action="append", help="a set or folder of sets, again for more")
    parser.add_argument("--size", type=int, default=640, help="longest side of the network's input, pixels")
    parser.add_argument("--trained-on", default="", help="one line on the training data, kept in the manifest")
    parser.add_argument("--sheet", type=Path, help="data_sheet.json of the training data, kept in short")
    parser.add_argument("--run", type=Path, dest="record", help="run.json of the training run, kept as it is")
    parser.add_argument("--threads", type=int, default=2)


def run(arguments: argparse.Namespace) -> int:
    model: Path = arguments.model
    if model.name.endswith(".int8.onnx"):
        raise VisionError(
            f"{model} is a twin: calibrate the fp32 file, then compare the two with `python -m vision parity`"
        )
    kept = made_from(arguments.sheet, arguments.record)  # before the long work, so that a wrong name costs nothing
    detector = open_looks(model, size=arguments.size, threads=arguments.threads, floor=LOWEST)
    blank = Manifest(model.stem, file_sha256(model), arguments.size)
    examined = examine(Counter(detector, blank), arguments.data or [picture_sets()], "val")
    scenes, measured = paper(examined)
    calibrated_on = {name: len(rows) for name, rows in examined.items()}
    data = {"trained_on": arguments.trained_on, "calibrated_on": calibrated_on, **kept}
    manifest = Manifest(model.stem, blank.sha256, arguments.size, scenes, measured, data, class_names(model))
    path = write_manifest(model, manifest_with_files(manifest, model))
    say(f"wrote {path}")
    if int8_path(model).is_file():
        say(f"the int8 file counts differently now; judge it: python -m vision parity {model} {int8_path(model)}")
    return 0
