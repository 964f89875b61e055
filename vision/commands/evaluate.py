"""`evaluate`: counting error against labelled pictures, per set."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from vision.commands.terminal import picture_sets, print_json, progress, say
from vision.counter import Counter, open_counter
from vision.evaluation import Examined, SetFigures, examine_set, figures
from vision.truth import find_sets, read_set

LOWEST = 0.02  # average precision needs the unsure boxes as well


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", nargs="?", type=Path, help="a labelled set or a folder of sets")
    parser.add_argument("--split", default="val", choices=("train", "val"))
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line of standard output")
    parser.add_argument("--model", type=Path, help="an .onnx file; default: the one that comes along")
    parser.add_argument("--size", type=int, help="longest side of the network's input, pixels")
    parser.add_argument("--threads", type=int, default=2)


def run(arguments: argparse.Namespace) -> int:
    counter = open_counter(arguments.model, size=arguments.size, threads=arguments.threads, floor=LOWEST)
    examined = examine(counter, [arguments.data or picture_sets()], arguments.split)
    measured = {name: figures(rows, counter.manifest.trust(name)) for name, rows in examined.items()}
    for name, row in measured.items():
        say(_line(name, row))
    if arguments.json:
        model = {
            "version": counter.manifest.version,
            "sha256": counter.manifest.sha256,
            "size": arguments.size or counter.manifest.image_size,
        }
        print_json({"model": model, "sets": {name: asdict(row) for name, row in measured.items()}})
    return 0


def examine(counter: Counter, folders: list[Path], split: str) -> dict[str, list[Examined]]:
    """Run the counter's detector over every set in `folders`, with a progress bar."""
    found = {name: folder for data in folders for name, folder in find_sets(data, split).items()}
    truths = {name: read_set(folder, split) for name, folder in found.items()}
    examined = {}
    with progress() as bar:
        for name, rows in truths.items():
            task = bar.add_task(name, total=len(rows))
            examined[name] = examine_set(counter.detector, rows, lambda task=task: bar.advance(task))  # type: ignore[misc]
    return examined


def _line(name: str, row: SetFigures) -> str:
    precision = row.ap50 if row.point_ap is None else row.point_ap
    return (
        f"{name}: {row.images} pictures, {row.counted} counted of {row.true}, MAE {row.mae}, MRE {row.mre}, "
        f"recall {row.recall}, precision {row.precision}, AP {precision}, "
        f"95 % interval covers {row.coverage95} at width {row.width95}, {row.ms_per_frame} ms"
    )
