"""`calibrate`: measure how far a model's counts can be trusted and write its manifest."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vision.calibration import fit, held_out
from vision.commands.evaluate import LOWEST, examine
from vision.commands.terminal import picture_sets, say
from vision.counter import Counter
from vision.detectors.onnx import OnnxDetector
from vision.evaluation import Examined, figures
from vision.manifest import ANY_SCENE, Manifest, SceneTrust, file_sha256, write_manifest

RENDERED = "rendered"  # synthetic pictures calibrate themselves only, never the pooled interval


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, help="the .onnx file to measure; its manifest is written beside it")
    parser.add_argument("--data", type=Path, action="append", help="a set or folder of sets, again for more")
    parser.add_argument("--size", type=int, default=640, help="longest side of the network's input, pixels")
    parser.add_argument("--trained-on", default="", help="one line on the training data, kept in the manifest")
    parser.add_argument("--threads", type=int, default=2)


def run(arguments: argparse.Namespace) -> int:
    model: Path = arguments.model
    detector = OnnxDetector(model, size=arguments.size, threads=arguments.threads, floor=LOWEST)
    blank = Manifest(model.stem, file_sha256(model), arguments.size)
    examined = examine(Counter(detector, blank), arguments.data or [picture_sets()], "val")
    scenes = {name: fit(rows) for name, rows in examined.items()}
    real = [row for name, rows in examined.items() if name != RENDERED for row in rows]
    scenes[ANY_SCENE] = fit(real or [row for rows in examined.values() for row in rows])
    measured = {name: _figures(rows, Manifest("", "", 0, scenes).trust(name)) for name, rows in examined.items()}
    data = {"trained_on": arguments.trained_on, "calibrated_on": {name: len(rows) for name, rows in examined.items()}}
    path = write_manifest(model, Manifest(model.stem, blank.sha256, arguments.size, scenes, measured, data))
    say(f"wrote {path}")
    return 0


def _figures(examined: list[Examined], trust: SceneTrust) -> dict[str, Any]:
    """The set's figures at its own operating point, and the two-fold check that is not flattered by it."""
    check = held_out(examined)
    return {**asdict(figures(examined, trust)), "held_out": None if check is None else asdict(check)}
