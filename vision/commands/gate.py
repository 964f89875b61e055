"""`gate`: head in, out and net past a line or through a race, from a video or from kept detections."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import cv2

from vision.commands.terminal import print_json, progress, say
from vision.detector import Image
from vision.errors import VisionError
from vision.gate.counting import GateCount, count_gate
from vision.gate.detections_file import DetectionsFile, line_of
from vision.gate.film import write_film
from vision.gate.line import Gate, Line, Race
from vision.gate.online import OnlineGate
from vision.gate.sight import Sight
from vision.gate.trajectory_picture import canvas_for, draw_trajectories

ABOUT = """
Which way is in: by default, down across a line that lies flat and right across one that stands steep, whichever of its
ends is given first. --in-side left or right says it instead as seen by one who walks along the line from x1,y1 to
x2,y2 in the picture. Coordinates are pixels, x to the right, y down. Through a race, in leads from the entry side
(corners 1 and 2) to the exit side (corners 3 and 4).

A line of a detections file: {"frame": 7, "t": 0.28, "boxes": [[x1, y1, x2, y2, score, class], ...]}
"""
FILM_RATE = 25.0  # frames a second of an annotated film


def declare(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = ABOUT
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--detections", type=Path, metavar="FILE.jsonl", help="boxes of every frame, one object a line")
    source.add_argument("--video", metavar="WHERE", help="a video file, rtsp://..., or a folder of frames")
    gate = parser.add_mutually_exclusive_group(required=True)
    gate.add_argument("--line", metavar="x1,y1,x2,y2", help="count animals whose middle passes this line, pixels")
    gate.add_argument("--race", metavar="x1,y1,...,x4,y4", help="or that pass through this race, pixels")
    parser.add_argument("--in-side", choices=("auto", "left", "right"), default="auto", help="see below")
    parser.add_argument("--border", metavar="x1,y1,x2,y2", help="what the camera sees; default: as far as boxes go")
    parser.add_argument("--fps", type=float, help="frames a second, where the source gives no times (default 25)")
    parser.add_argument("--online", action="store_true", help="decide as frames come in, as a live camera must")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line of standard output")
    parser.add_argument("--save-detections", type=Path, metavar="FILE.jsonl", help="keep the boxes to count again")
    parser.add_argument("--annotate", type=Path, metavar="OUT", help="OUT.mp4: the film; OUT.jpg: all trajectories")
    parser.add_argument("--model", type=Path, help="an .onnx file; default: the one that comes along")
    parser.add_argument("--size", type=int, help="longest side of the network's input, pixels")
    parser.add_argument("--threads", type=int, default=2)


def run(arguments: argparse.Namespace) -> int:
    """0 when at least one frame could be used, 2 when none could."""
    gate = _gate(arguments)
    _check_rate(arguments.fps)
    source = _Detections(arguments) if arguments.detections else _Film(arguments)
    counted = _counted(source, gate, arguments)
    report = counted.as_json() | source.report()
    if arguments.annotate:
        source.annotate(arguments.annotate, counted, gate)
    say(
        f"in {report['in']}, out {report['out']}, net {report['net']:+d}; {report['ambiguous']} not proven; "
        f"{report['frames']} frames, {report['skipped']} left out ({gate.describe()})"
    )
    if arguments.json:
        print_json(report | {"gate": gate.describe()})
    return 0 if report["frames"] else 2


def _gate(arguments: argparse.Namespace) -> Gate:
    if arguments.line:
        return Line.parse(arguments.line, arguments.in_side)
    return Race.parse(arguments.race, arguments.in_side)


def _check_rate(rate: float | None) -> None:
    if rate is not None and not 0.1 <= rate <= 1000:
        raise VisionError(f"--fps {rate}: give frames a second between 0.1 and 1000")


def _counted(source: _Detections | _Film, gate: Gate, arguments: argparse.Namespace) -> GateCount:
    border = _border(arguments.border)
    with ExitStack() as stack:
        sights = source.sights(stack)
        if arguments.save_detections:
            sights = _kept(sights, arguments.save_detections, stack)
        return _online(sights, gate, border) if arguments.online else count_gate(sights, gate, border)


def _border(text: str | None) -> tuple[float, float, float, float] | None:
    if text is None:
        return None
    box = Line.parse(text)
    if box.x2 <= box.x1 or box.y2 <= box.y1:
        raise VisionError(f"--border {text}: write left,top,right,bottom in pixels")
    return box.x1, box.y1, box.x2, box.y2


def _online(sights: Iterator[Sight], gate: Gate, border: tuple[float, float, float, float] | None) -> GateCount:
    """Says each event as soon as it is certain."""
    counter, events = OnlineGate(gate, border), []
    for sight in sights:
        news = counter.take(sight)
        events += news
        for one in news:
            say(f"{one.t:.1f} s: {one.kind} {one.reason} (known {one.late_s or 0:.1f} s later)")
    events += counter.close()
    return GateCount(tuple(sorted(events, key=lambda one: one.t)), counter.ambiguous)


def _kept(sights: Iterator[Sight], target: Path, stack: ExitStack) -> Iterator[Sight]:
    try:
        file = stack.enter_context(target.open("w", encoding="utf-8"))
    except OSError as error:
        raise VisionError(f"{target} cannot be written ({error.strerror}): name another file") from error
    for sight in sights:
        file.write(line_of(sight) + "\n")
        yield sight


class _Detections:
    """Boxes from a file."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._file = DetectionsFile(arguments.detections, say, arguments.fps)

    def sights(self, stack: ExitStack) -> Iterator[Sight]:  # noqa: ARG002 - the file closes itself
        yield from self._file

    def report(self) -> dict[str, Any]:
        return {
            "frames": self._file.frames, "skipped": self._file.skipped, "boxes_skipped": self._file.boxes_skipped,
        }  # fmt: skip

    def annotate(self, target: Path, counted: GateCount, gate: Gate) -> None:
        """There are no pictures, so the trajectories are drawn on a dark ground."""
        if target.suffix.lower() == ".mp4":
            raise VisionError(f"--annotate {target}: a film needs --video; give a .jpg or .png for the trajectories")
        _write_picture(target, draw_trajectories(canvas_for(counted.paths, gate), counted, gate))


class _Film:
    """Boxes from our detector, frame by frame."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments, self._where = arguments, str(arguments.video)
        self._first: Image | None = None
        self._report: dict[str, Any] = {}
        self._model: dict[str, str] = {}

    def sights(self, stack: ExitStack) -> Iterator[Sight]:
        from vision.counter import open_counter  # noqa: PLC0415 - kept detections are counted without a network

        options = self._arguments
        counter = open_counter(options.model, size=options.size, threads=options.threads)
        detector = counter.detector_for(None)
        self._model = {"version": counter.manifest.version, "sha256": counter.manifest.sha256}
        frames = stack.enter_context(self._open())
        bar = stack.enter_context(progress())
        task = bar.add_task("frames", total=frames.report.promised)
        for frame in frames:
            if self._first is None:
                self._first = frame.image
            yield Sight.of(frame.index, frame.at_s, detector.detect(frame.image))
            bar.advance(task)
        self._note(frames)

    def _open(self) -> Any:
        from vision.video import open_frames  # noqa: PLC0415

        return open_frames(self._where, fps=self._arguments.fps)

    def _note(self, frames: Any) -> None:
        self._report = frames.report.as_json()
        for fault in self._report["faults"]:
            say(f"{self._where}: {fault}")

    def report(self) -> dict[str, Any]:
        read, broken = int(self._report.get("read", 0)), int(self._report.get("broken", 0))
        return {"frames": read, "skipped": broken, "boxes_skipped": 0, "source": self._report, "model": self._model}

    def annotate(self, target: Path, counted: GateCount, gate: Gate) -> None:
        if target.suffix.lower() != ".mp4":
            if self._first is not None:
                _write_picture(target, draw_trajectories(self._first, counted, gate))
            return
        if "://" in self._where:
            raise VisionError(f"--annotate {target}: a live camera cannot be shown again; give a .jpg for a picture")
        with self._open() as frames:
            write_film(target, frames, counted, gate, self._arguments.fps or FILM_RATE)


def _write_picture(target: Path, picture: Image) -> None:
    try:
        written = cv2.imwrite(str(target), picture)
    except cv2.error:
        written = False
    if not written:
        raise VisionError(f"{target} cannot be written: give a name that ends in .jpg or .png, in a folder that exists")
