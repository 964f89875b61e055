"""`count`: head counts of pictures and folders of pictures."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2

from vision.commands.terminal import print_json, progress, say
from vision.counter import Counter, open_counter
from vision.counting import PictureCount
from vision.detector import CLASSES
from vision.drawing import caption, draw_count
from vision.picture import Picture, UnreadablePicture, find_pictures, read_picture
from vision.region import Region


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="pictures, or folders of pictures")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line of standard output")
    parser.add_argument("--species", choices=CLASSES, help="count this species only")
    parser.add_argument("--region", help='count inside this polygon only: "0,0.2 1,0.2 1,1 0,1" (shares)')
    parser.add_argument("--scene", help="kind of scene, as in the model's manifest, for the interval that fits it")
    parser.add_argument("--annotate", type=Path, metavar="DIR", help="write each counted picture with its boxes here")
    parser.add_argument("--model", type=Path, help="an .onnx file; default: the one that comes along")
    parser.add_argument("--size", type=int, help="longest side of the network's input, pixels")
    parser.add_argument("--threads", type=int, default=2)


def run(arguments: argparse.Namespace) -> int:
    """0 when at least one picture was counted, 2 when none was."""
    region = Region.parse(arguments.region) if arguments.region else None
    counter = open_counter(arguments.model, size=arguments.size, threads=arguments.threads)

    def count_one(picture: Picture) -> PictureCount:
        return counter.count(picture.image, species=arguments.species, region=region, scene=arguments.scene)

    pictures, errors = _count_all(find_pictures(arguments.paths), count_one, arguments.annotate)
    return _report(counter, pictures, errors, as_json=arguments.json)


def _count_all(
    paths: list[Path], count_one: Callable[[Picture], PictureCount], annotate: Path | None
) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """Rows for the report and the files that failed; a bad file never stops the rest."""
    pictures: list[dict[str, Any]] = []
    errors: list[dict[str, str]] = []
    with progress() as bar:
        task = bar.add_task("counting", total=len(paths))
        for path in paths:
            try:
                picture = read_picture(path)
            except UnreadablePicture as error:
                say(f"{path}: {error}")
                errors.append({"path": str(path), "error": str(error)})
            else:
                counted = count_one(picture)
                say(f"{path}: {caption(counted)}")
                pictures.append(_row(path, picture, counted))
                if annotate is not None:
                    _write_annotated(annotate, path, picture, counted)
            bar.advance(task)
    return pictures, errors


def _row(path: Path, picture: Picture, counted: PictureCount) -> dict[str, Any]:
    return {
        "path": str(path),
        "count": None if counted.count is None else asdict(counted.count),
        "unknown_because": counted.unknown_because,
        "by_class": counted.boxes.by_class(),
        "ms": round(counted.took_ms, 1),
        "sha256": picture.sha256,
    }


def _write_annotated(folder: Path, path: Path, picture: Picture, counted: PictureCount) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    # the digest keeps pictures of one name from different folders apart
    target = folder / f"{path.stem}-{picture.sha256[:8]}.jpg"
    cv2.imwrite(str(target), draw_count(picture.image, counted))


def _report(counter: Counter, pictures: list[dict[str, Any]], errors: list[dict[str, str]], *, as_json: bool) -> int:
    known = [row["count"]["best"] for row in pictures if row["count"] is not None]
    total = sum(known)
    say(f"{total} head in {len(known)} pictures, {len(pictures) - len(known)} unknown, {len(errors)} unreadable")
    if as_json:
        model = {"version": counter.manifest.version, "sha256": counter.manifest.sha256}
        total_best = total if known else None
        print_json({"model": model, "pictures": pictures, "errors": errors, "total_best": total_best})
    return 0 if known else 2
