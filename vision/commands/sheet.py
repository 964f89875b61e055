"""`sheet`: a contact sheet of an inventory: counted pictures on one page, with their total."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import cv2
import numpy as np

from collateral.contract.evidence import fingerprint
from collateral.ops import clock
from vision.commands.terminal import progress, say
from vision.contact_sheet import Tile, contact_sheet, total
from vision.counter import Counter, open_counter
from vision.detector import Image
from vision.drawing import View
from vision.errors import VisionError
from vision.evidence.making import uncounted
from vision.evidence.picture import keepsake
from vision.evidence.watched import count_watched
from vision.picture import find_pictures
from vision.region import Region

METHOD = "camera-still"
MOST = 400  # pictures on one sheet


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, metavar="PICTURE", help="pictures, or folders of pictures")
    parser.add_argument("--out", type=Path, required=True, help="where to write the sheet: .png or .jpg")
    parser.add_argument("--title", default="Inventory", help="whose animals, for the head of the sheet")
    parser.add_argument("--region", help='count inside this polygon only: "0,0.2 1,0.2 1,1 0,1" (shares)')
    parser.add_argument("--scene", help="kind of scene, as in the model's manifest")
    parser.add_argument("--zone", default="Asia/Shanghai", help="time zone of the date")
    parser.add_argument("--model", type=Path, help="an .onnx file; default: the one that comes along")
    parser.add_argument("--threads", type=int, default=2)


def run(arguments: argparse.Namespace) -> int:
    """0 when at least one picture was counted, 2 when none was."""
    paths = find_pictures(arguments.paths)
    if not 0 < len(paths) <= MOST:
        raise VisionError(f"{len(paths)} pictures: a sheet holds 1 to {MOST}; name fewer, or a folder that has some")
    counter = open_counter(arguments.model, threads=arguments.threads)
    region = Region.parse(arguments.region) if arguments.region else None
    with progress() as bar:
        task = bar.add_task("counting", total=len(paths))
        tiles = []
        for path in paths:
            tiles.append(tile_of(path, counter, region, arguments.scene))
            bar.advance(task)
    local = clock.now().astimezone(zone_named(arguments.zone))
    model = f"{counter.manifest.version} {counter.manifest.sha256[:8]}"
    write_picture(arguments.out, contact_sheet(tiles, arguments.title, f"{dated(local)} · {model}"))
    summed = total(tiles)
    say(f"wrote {arguments.out}: {summed.known} counted, {summed.unknown} unknown")
    return 0 if summed.known else 2


def tile_of(path: Path, counter: Counter, region: Region | None, scene: str | None) -> Tile:
    """One picture counted, with people hidden and boxes drawn. A file that is no picture gives an unknown tile."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return Tile(path.name, None, None, f"cannot be read ({error.strerror})")
    counted = count_watched(counter, data, method=METHOD, region=region, scene=scene)
    if counted.image is None:
        return Tile(path.name, None, None, counted.count.unknown_because or "unreadable")
    unsure = uncounted(counted.seen, counted.count.boxes)
    details = f"{path.name} · {counted.count.model_version} · frame {fingerprint(data)[:12]}"
    jpeg, _ = keepsake(counted.image, counted.count, counted.seen.people, View(unsure, counted.zones, details))
    shown = np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)
    return Tile(path.name, shown, counted.count.count, counted.count.unknown_because or "")


def dated(local: datetime) -> str:
    """Day, time and zone: 2026-06-01 08:00 UTC+8."""
    hours = (local.utcoffset() or local.min - local.min).total_seconds() / 3600
    return f"{local:%Y-%m-%d %H:%M} UTC{f'{hours:+g}' if hours else ''}"


def zone_named(name: str) -> ZoneInfo:
    """The time zone of that name. Raises VisionError when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise VisionError(f"no time zone is called {name!r}: write one like Asia/Shanghai") from error


def write_picture(path: Path, image: Image) -> None:
    """Write a picture as its ending says. Raises VisionError when that cannot be done."""
    if path.suffix.lower() not in {".png", ".jpg", ".jpeg"}:
        raise VisionError(f"{path}: end the name in .png or .jpg")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(cv2.imencode(path.suffix.lower(), image)[1]))
    except OSError as error:
        raise VisionError(f"{path} cannot be written ({error.strerror}): name another place") from error
