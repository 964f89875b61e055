"""`count`: head counts of pictures and folders of pictures, or of windows of a camera's frames."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import cv2

from vision.commands.terminal import print_json, progress, say
from vision.counter import Counter, open_counter
from vision.counting import PictureCount
from vision.detector import CLASSES, Float, Image
from vision.drawing import caption, draw_count
from vision.errors import VisionError
from vision.pens import read_pens
from vision.picture import Picture, UnreadablePicture, find_pictures, read_picture
from vision.region import Area, Region
from vision.still.duration import seconds_of
from vision.still.regional import Look, look
from vision.still.stretch import FRAMES, Stretch, TrustNow, count_stretch, trust_now
from vision.video import open_frames

LookAt = Callable[[Image], Look]


@dataclass(slots=True)
class Counted:
    """What became of all the files: rows for the report, files that failed, scores of what was found."""

    pictures: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, str]] = field(default_factory=list)
    scores: list[Float] = field(default_factory=list)


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help="pictures, or folders of pictures")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line of standard output")
    parser.add_argument("--species", choices=CLASSES, help="count this species only")
    area = parser.add_mutually_exclusive_group()
    area.add_argument("--region", help='count inside this polygon only: "0,0.2 1,0.2 1,1 0,1" (shares)')
    area.add_argument("--regions", type=Path, metavar="FILE", help="a camera's pens and excluded zones, TOML or JSON")
    parser.add_argument("--window", metavar="15s", help="one count per so much time; each PATH is one camera's frames")
    parser.add_argument("--every", metavar="1s", help="with --window: time between frames; default: 20 in a window")
    parser.add_argument("--fps", type=float, help="with --window: pace of a folder whose frames carry no time")
    parser.add_argument("--scene", help="kind of scene, as in the model's manifest, for the interval that fits it")
    parser.add_argument("--annotate", type=Path, metavar="DIR", help="write each counted picture with its boxes here")
    parser.add_argument("--model", type=Path, help="an .onnx file; default: the one that comes along")
    parser.add_argument("--size", type=int, help="longest side of the network's input, pixels")
    parser.add_argument("--threads", type=int, default=2)


def run(arguments: argparse.Namespace) -> int:
    """0 when at least one picture or window was counted, 2 when none was."""
    area = _area(arguments)
    _refuse_strays(arguments)
    counter = open_counter(arguments.model, size=arguments.size, threads=arguments.threads)
    trust, detector = counter.manifest.trust(arguments.scene), counter.detector_for(arguments.scene)

    def look_at(image: Image) -> Look:
        return look(image, detector, trust, species=arguments.species, area=area)

    if arguments.window:
        return _count_windows(arguments, counter, look_at)
    counted = _count_all(find_pictures([Path(path) for path in arguments.paths]), look_at, arguments.annotate)
    return _report(counter, counted, trust_now(counted.scores, trust), as_json=arguments.json)


def _area(arguments: argparse.Namespace) -> Area | None:
    if arguments.regions:
        return read_pens(arguments.regions)
    return Region.parse(arguments.region) if arguments.region else None


def _refuse_strays(arguments: argparse.Namespace) -> None:
    if arguments.window and arguments.annotate:
        raise VisionError("--annotate draws single pictures: leave --window out, or use `python -m vision sheet`")
    if not arguments.window and (arguments.every or arguments.fps):
        raise VisionError("--every and --fps tell the pace of frames: they need --window, such as --window 15s")


def _count_all(paths: list[Path], look_at: LookAt, annotate: Path | None) -> Counted:
    """Every picture counted; a bad file never stops the rest."""
    done = Counted()
    with progress() as bar:
        task = bar.add_task("counting", total=len(paths))
        for path in paths:
            try:
                picture = read_picture(path)
            except UnreadablePicture as error:
                say(f"{path}: {error}")
                done.errors.append({"path": str(path), "error": str(error)})
            else:
                found = look_at(picture.image)
                say(f"{path}: {caption(found.counted)}")
                done.pictures.append(_row(path, picture, found))
                if found.counted.count is not None:
                    done.scores.append(found.scores.score)
                if annotate is not None:
                    _write_annotated(annotate, path, picture, found.counted)
            bar.advance(task)
    return done


def _row(path: Path, picture: Picture, found: Look) -> dict[str, Any]:
    counted = found.counted
    row = {
        "path": str(path),
        "count": None if counted.count is None else asdict(counted.count),
        "unknown_because": counted.unknown_because,
        "by_class": counted.boxes.by_class(),
        "ms": round(counted.took_ms, 1),
        "sha256": picture.sha256,
    }
    return {**row, "regions": {name: asdict(count) for name, count in found.pens.items()}} if found.pens else row


def _write_annotated(folder: Path, path: Path, picture: Picture, counted: PictureCount) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    # the digest keeps pictures of one name from different folders apart
    target = folder / f"{path.stem}-{picture.sha256[:8]}.jpg"
    cv2.imwrite(str(target), draw_count(picture.image, counted))


def _report(counter: Counter, done: Counted, trust: TrustNow, *, as_json: bool) -> int:
    known = [row["count"]["best"] for row in done.pictures if row["count"] is not None]
    total, unknown = sum(known), len(done.pictures) - len(known)
    say(f"{total} head in {len(known)} pictures, {unknown} unknown, {len(done.errors)} unreadable; {_told(trust)}")
    if as_json:
        total_best = total if known else None
        rows = {"pictures": done.pictures, "errors": done.errors, "total_best": total_best}
        print_json({"model": _model(counter), **rows, "trust": _trust_row(trust)})
    return 0 if known else 2


def _count_windows(arguments: argparse.Namespace, counter: Counter, look_at: LookAt) -> int:
    """Each path's frames, window by window; a source that cannot be read is told, and the rest goes on."""
    seconds = seconds_of(arguments.window)
    every_s = seconds_of(arguments.every) if arguments.every else seconds / FRAMES
    trust = counter.manifest.trust(arguments.scene)
    rows: list[dict[str, Any]] = []
    sources: list[dict[str, Any]] = []
    errors: list[dict[str, str]] = []
    for where in arguments.paths:
        try:
            with open_frames(where, arguments.fps, every_s) as frames:
                pictures = ((frame.at_s, frame.image) for frame in frames)
                for stretch in count_stretch(pictures, look_at, trust, seconds):
                    rows.append(_window_row(where, stretch))
                    say(_window_line(where, stretch))
                sources.append(frames.report.as_json())
        except VisionError as error:
            say(f"{where}: {error}")
            errors.append({"path": str(where), "error": str(error)})
    if arguments.json:
        print_json({"model": _model(counter), "windows": rows, "sources": sources, "errors": errors})
    return 0 if any(row["count"] is not None for row in rows) else 2


def _window_row(where: str, stretch: Stretch) -> dict[str, Any]:
    row = {"source": str(where), **asdict(stretch.whole), "trust": _trust_row(stretch.trust)}
    return {**row, "regions": {name: asdict(pen) for name, pen in stretch.pens.items()}} if stretch.pens else row


def _window_line(where: str, stretch: Stretch) -> str:
    whole = stretch.whole
    span = f"{where} {whole.from_s:.1f}-{whole.to_s:.1f} s, {whole.seen} of {whole.frames} frames"
    if whole.count is None:
        return f"{span}: unknown: {whole.unknown_because}"
    return f"{span}: {whole.count.best} head ({whole.count.low}-{whole.count.high}); {_told(stretch.trust)}"


def _told(trust: TrustNow) -> str:
    return "verified" if trust.verified else f"not verified: {trust.because}"


def _trust_row(trust: TrustNow) -> dict[str, Any]:
    slip = None if trust.slip is None else asdict(trust.slip)
    return {"verified": trust.verified, "not_verified_because": trust.because, "slip": slip}


def _model(counter: Counter) -> dict[str, str]:
    return {"version": counter.manifest.version, "sha256": counter.manifest.sha256}
