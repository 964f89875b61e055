"""`evaluate`: counting error against labelled pictures, per set and kind of scene."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from vision.commands.terminal import picture_sets, print_json, progress, say
from vision.counter import Counter, open_counter
from vision.detector import Detector
from vision.errors import VisionError
from vision.evaluation import Examined, SetFigures, by_scene, examine_picture, figures
from vision.manifest import Manifest, SceneTrust
from vision.truth import find_sets, pictures_in, read_truth, scenes_of

LOWEST = 0.01  # average precision needs the unsure boxes as well


@dataclass(slots=True)
class Examination:
    """What became of the pictures of all sets: examined, or broken and why."""

    sets: dict[str, list[Examined]] = field(default_factory=dict)
    errors: list[dict[str, str]] = field(default_factory=list)


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", nargs="?", type=Path, help="a labelled set or a folder of sets")
    parser.add_argument("--split", default="val", help="val, train, test or what the folder below images is called")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line of standard output")
    parser.add_argument("--model", type=Path, help="an .onnx file; default: the one that comes along")
    parser.add_argument(
        "--baseline", type=Path, action="append", default=[], metavar="MODEL", help="another .onnx beside it; repeat"
    )
    parser.add_argument("--size", type=int, help="longest side of the network's input, pixels")
    parser.add_argument("--threads", type=int, default=2)


def run(arguments: argparse.Namespace) -> int:
    """0 when at least one picture was examined, 2 when none could be."""
    report = _evaluate(arguments.model, arguments)
    baselines = {path.stem: _evaluate(path, arguments) for path in arguments.baseline}
    if arguments.json:
        print_json({**report, "baselines": baselines} if baselines else report)
    return 0 if any(row["images"] for row in report["sets"].values()) else 2


def examine(counter: Counter, folders: list[Path], split: str) -> dict[str, list[Examined]]:
    """The pictures of every set in `folders`; VisionError when any is broken."""
    done = examine_all(counter, folders, split)
    if done.errors:
        first = done.errors[0]
        raise VisionError(f"{len(done.errors)} broken, the first {first['path']}: {first['error']}")
    return done.sets


def examine_all(counter: Counter, folders: list[Path], split: str) -> Examination:
    """Run the counter's detector over every set in `folders`, with a progress bar. A broken picture is told."""
    found = {name: folder for data in folders for name, folder in find_sets(data, split).items()}
    done = Examination()
    with progress() as bar:
        for name, folder in found.items():
            pictures = pictures_in(folder, split)
            task = bar.add_task(name, total=len(pictures))
            scenes = _scenes(folder, done.errors)
            done.sets[name] = []
            for picture in pictures:
                try:
                    truth = read_truth(folder, split, picture, scenes)
                    detector = _detector(counter, name, truth.scene)
                    done.sets[name].append(examine_picture(detector, truth))
                except VisionError as error:
                    say(f"{picture}: {error}")
                    done.errors.append({"set": name, "path": str(picture), "error": str(error)})
                bar.advance(task)
    return done


def trust_of(manifest: Manifest, name: str, examined: Examined) -> SceneTrust:
    """The trust of one picture of the set `name`: its kind of scene's, else a strange scene's of that set."""
    return manifest.trust(f"{name}/{examined.scene}" if examined.scene else name)


def _detector(counter: Counter, name: str, scene: str) -> Detector:
    return counter.detector_for(f"{name}/{scene}" if scene else name)


def _scenes(folder: Path, errors: list[dict[str, str]]) -> dict[str, str]:
    try:
        return scenes_of(folder)
    except VisionError as error:
        say(str(error))
        errors.append({"set": folder.name, "path": str(folder / "index.csv"), "error": str(error)})
        return {}


def _evaluate(model: Path | None, arguments: argparse.Namespace) -> dict[str, Any]:
    counter = open_counter(model, size=arguments.size, threads=arguments.threads, floor=LOWEST)
    done = examine_all(counter, [arguments.data or picture_sets()], arguments.split)
    manifest = counter.manifest
    say(f"{manifest.version}:")
    sets = {name: _set(manifest, name, rows) for name, rows in done.sets.items()}
    size = arguments.size or manifest.image_size
    model_paper = {"version": manifest.version, "sha256": manifest.sha256, "size": size}
    return {"model": model_paper, "split": arguments.split, "sets": sets, "errors": done.errors}


def _set(manifest: Manifest, name: str, rows: list[Examined]) -> dict[str, Any]:
    """The set's figures and those of its scenes; a set of which nothing could be read has no figures but says so."""
    if not rows:
        say(f"{name}: no picture could be examined")
        return {**dict.fromkeys(SetFigures.__dataclass_fields__), "images": 0, "by_scene": {}}
    whole = _figures(manifest, name, rows)
    say(_line(name, whole))
    scenes = {scene: _figures(manifest, name, inside) for scene, inside in by_scene(rows).items()}
    for scene, row in scenes.items():
        say(_line(f"  {scene}", row))
    return {**asdict(whole), "by_scene": {scene: asdict(row) for scene, row in (scenes or {"all": whole}).items()}}


def _figures(manifest: Manifest, name: str, rows: Sequence[Examined]) -> SetFigures:
    return figures(rows, lambda examined: trust_of(manifest, name, examined))


def _line(name: str, row: SetFigures) -> str:
    precision = row.ap50 if row.point_ap is None else row.point_ap
    return (
        f"{name}: {row.images} pictures, {row.counted} counted of {row.true}, MAE {row.mae}, MRE {row.mre}, "
        f"recall {row.recall}, precision {row.precision}, AP {precision}, "
        f"95 % interval covers {row.coverage95} at width {row.width95}, {row.ms_per_frame} ms"
    )
