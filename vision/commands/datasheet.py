"""`datasheet`: what labelled sets hold, as a page, JSON and a grid of samples."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import cv2

from vision.commands.terminal import picture_sets, print_json, progress, say
from vision.errors import VisionError
from vision.papers.data_sheet import SPLITS, DataSheet, describe, summary
from vision.papers.grid import draw_grid, spread
from vision.papers.samples import Sample, class_names, read_samples
from vision.papers.sheet_page import page
from vision.truth import find_sets

_ACROSS = 5  # samples of each set
_PAGE, _RECORD, _GRID = "DATA_SHEET.md", "data_sheet.json", "samples.jpg"


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", nargs="*", type=Path, help="labelled sets or folders of sets; default: the shared ones")
    parser.add_argument("--out", type=Path, required=True, help="folder for the page, the JSON and the grid")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line of standard output")


def run(arguments: argparse.Namespace) -> int:
    """0: written. 1: written, but some pictures could not be read, or validation pictures stand in training too."""
    sheet, samples = _read(arguments.data or [picture_sets()])
    arguments.out.mkdir(parents=True, exist_ok=True)
    shown = [sample for name in sheet.sets for sample in spread([s for s in samples if s.set == name], _ACROSS)]
    cv2.imwrite(str(arguments.out / _GRID), draw_grid(shown, _ACROSS), [cv2.IMWRITE_JPEG_QUALITY, 88])
    (arguments.out / _RECORD).write_text(json.dumps(asdict(sheet), indent=2, ensure_ascii=False) + "\n")
    (arguments.out / _PAGE).write_text(page(sheet, _GRID))
    _tell(sheet, arguments.out)
    if arguments.json:
        print_json({**summary(sheet), "broken": {name: one.broken for name, one in sheet.sets.items()}})
    return 1 if any(one.broken for one in sheet.sets.values()) or any(leak.exact for leak in sheet.leaks) else 0


def _read(data: list[Path]) -> tuple[DataSheet, list[Sample]]:
    folders = _folders(data)
    samples: list[Sample] = []
    broken: dict[str, list[str]] = {}
    with progress() as bar:
        task = bar.add_task("reading", total=len(folders) * len(SPLITS))
        for name, folder in folders.items():
            for split in (split for split in SPLITS if (folder / "images" / split).is_dir()):
                rows, wrong = read_samples(folder, split)
                samples += rows
                broken.setdefault(name, []).extend(wrong)
                bar.advance(task)
    if not samples:
        raise VisionError("no picture could be read: name sets with <set>/images/train and val")
    return describe(samples, {name: class_names(folder) for name, folder in folders.items()}, broken), samples


def _folders(data: list[Path]) -> dict[str, Path]:
    """Sets that have either split, by the name of their folder. VisionError for a place without any."""
    found: dict[str, Path] = {}
    for one in data:
        splits = [split for split in SPLITS if any(one.glob(f"images/{split}")) or any(one.glob(f"*/images/{split}"))]
        for split in splits or SPLITS[:1]:
            found |= {folder.resolve().name: folder for folder in find_sets(one, split).values()}
    return found


def _tell(sheet: DataSheet, out: Path) -> None:
    for name, one in sheet.sets.items():
        told = ", ".join(f"{split} {row.pictures} pictures {row.head} head" for split, row in one.splits.items())
        say(f"{name}: {told}; {one.source.licence}")
        for line in one.broken:
            say(f"{name}: not read: {line}")
    exact = sum(leak.exact for leak in sheet.leaks)
    say(f"validation pictures in training: {exact} of the same bytes, {len(sheet.leaks) - exact} that look the same")
    say(f"wrote {out / _PAGE}, {_RECORD} and {_GRID}")
