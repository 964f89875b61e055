"""Speed of a count: all that is done to a frame of a live camera, over the network alone on a ready tensor.

`frame`: a decoded picture to a count with its interval: sight check, fitting into the network, the network, reading
its output, suppression, counting. `jpeg`: the same from JPEG bytes, with their SHA-256. `checks`: the same as `frame`
with the checks of the camera before it. `bare`: the engine on a tensor that is ready. All four take turns picture by
picture in one process, so that a busy machine slows all alike; ratios are the medians of pairs. Memory is that
of a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np

from firmware_sim.render_set import scatter
from firmware_sim.rendering import Light, PenView, render_pen
from vision.camera.watch import CameraWatch
from vision.counter import Counter
from vision.detector import Image
from vision.detectors import openvino
from vision.detectors.network import Engine, NetworkDetector
from vision.detectors.onnx import OnnxEngine
from vision.detectors.openvino import OpenVinoEngine
from vision.letterbox import Letterbox
from vision.manifest import read_manifest
from vision.models import default_model

RATIO_BUDGET = 1.15
FRAME_BUDGET_MS = 45.0  # on two threads, by the fastest engine installed
HEAD = 40
CAMERAS = ((1280, 720), (960, 960))  # a usual camera, and one that fills the network's square
STAGES = ("bare", "frame", "jpeg", "checks")
NAMES = ("onnx", "openvino")

Figures = dict[str, object]


@dataclass(slots=True)
class Stages:
    """One engine looking at one camera's pictures: what is timed, and the wall and processor ms it took."""

    steps: dict[str, Callable[[int], object]]
    wall: dict[str, list[float]]
    cpu: dict[str, list[float]]

    def turn(self, picture: int) -> None:
        """Each step once."""
        for name, step in self.steps.items():
            wall, cpu = time.perf_counter(), time.process_time()
            step(picture)
            self.cpu[name].append(1000 * (time.process_time() - cpu))
            self.wall[name].append(1000 * (time.perf_counter() - wall))

    def figures(self) -> Figures:
        """Medians, ms, and ratios over the bare network."""
        wall = {name: round(statistics.median(times), 2) for name, times in self.wall.items()}
        found: Figures = {f"{name}_ms": ms for name, ms in wall.items()}
        found |= {f"{name}_over_bare": self._ratio(self.wall, name) for name in STAGES[1:]}
        found |= {f"{name}_over_bare_cpu": self._ratio(self.cpu, name) for name in STAGES[1:]}
        return found | {"frames_per_s": round(1000 / wall["frame"], 1)}

    @staticmethod
    def _ratio(times: dict[str, list[float]], name: str) -> float:
        return round(statistics.median(a / b for a, b in zip(times[name], times["bare"], strict=True)), 3)


def main() -> int:
    """Measure; 0 when the ratios keep to the budget."""
    options = _parser().parse_args()
    if options.memory:
        print(json.dumps(_memory_here(options.memory, options.model, options.size)))
        return 0
    rows = _all_rows(options)
    result = _summary(options, rows)
    _tell(result, rows)
    if options.json:
        print(json.dumps(result))
    return int(not result["within_budget"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.vision", description=__doc__)
    parser.add_argument("--model", type=Path, default=default_model(), help="default: the one that comes along")
    parser.add_argument("--size", type=int, default=640, help="longest side of the network's input (default: 640)")
    parser.add_argument("--rounds", type=int, default=40, help="turns of each step (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    parser.add_argument("--memory", choices=NAMES, help=argparse.SUPPRESS)
    return parser


def _all_rows(options: argparse.Namespace) -> list[Figures]:
    films = {camera: _film(*camera) for camera in CAMERAS}
    return [row for threads in (1, 2) for row in _rows(threads, films, options)]


def _summary(options: argparse.Namespace, rows: list[Figures]) -> Figures:
    two = [row for row in rows if row["threads"] == 2]
    fastest = min(
        max(_number(r, "frame_ms") for r in two if r["engine"] == name) for name in {r["engine"] for r in two}
    )
    worst = max(_number(row, "frame_over_bare") for row in rows)
    return {
        "model": read_manifest(options.model).version,
        "size": options.size,
        "rounds": options.rounds,
        "processors": os.cpu_count(),
        "load_1_min": round(os.getloadavg()[0], 1),
        "rows": rows,
        "memory": {name: _memory(name, options) for name in _names()},
        "worst_ratio": worst,
        "worst_ratio_cpu": max(_number(row, "frame_over_bare_cpu") for row in rows),
        "ratio_budget": RATIO_BUDGET,
        "fastest_engine_ms_2_threads": fastest,
        "within_budget": worst <= RATIO_BUDGET,
        "within_45_ms": fastest <= FRAME_BUDGET_MS,
    }


def _names() -> tuple[str, ...]:
    return NAMES if openvino.is_installed() else NAMES[:1]


def _number(row: Figures, name: str) -> float:
    return float(str(row[name]))


def _rows(threads: int, films: dict[tuple[int, int], list[Image]], options: argparse.Namespace) -> list[Figures]:
    """Both engines and all cameras in turn, picture by picture."""
    engines = {name: _engine(name, options.model, threads) for name in _names()}
    stages = {
        (name, camera): _stages(engine, film, threads, options)
        for name, engine in engines.items()
        for camera, film in films.items()
    }
    for picture in range(options.rounds):
        for one in stages.values():
            one.turn(picture)
    return [
        {"engine": engines[name].name, "threads": threads, "camera": f"{camera[0]}x{camera[1]}"} | one.figures()
        for (name, camera), one in stages.items()
    ]


def _stages(engine: Engine, film: list[Image], threads: int, options: argparse.Namespace) -> Stages:
    manifest = read_manifest(options.model)
    detector = NetworkDetector(
        engine, options.model, size=options.size, threads=threads, floor=0.05, iou=0.5, version=manifest.version
    )
    counter, watch, start = Counter(detector, manifest), CameraWatch(), datetime(2026, 5, 1, tzinfo=UTC)
    jpegs = [cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes() for image in film]
    height, width = film[0].shape[:2]
    side = engine.network.side
    tensors = [Letterbox.fit(width, height, side or options.size, square=side is not None).tensor(i) for i in film]

    def with_checks(picture: int) -> None:
        image = film[picture % len(film)]
        watch.look(image, start + timedelta(seconds=picture))
        counter.count(image)

    steps: dict[str, Callable[[int], object]] = {
        "bare": lambda picture: engine.run(tensors[picture % len(film)]),
        "frame": lambda picture: counter.count(film[picture % len(film)]),
        "jpeg": lambda picture: counter.count_bytes(jpegs[picture % len(film)]),
        "checks": with_checks,
    }
    for step in steps.values():  # memory is taken and networks are compiled at the first
        step(0)
    return Stages(steps, {name: [] for name in STAGES}, {name: [] for name in STAGES})


def _engine(name: str, model: Path, threads: int) -> Engine:
    return OpenVinoEngine(model, threads) if name == "openvino" else OnnxEngine(model, threads)


def _film(width: int, height: int, frames: int = 6) -> list[Image]:
    """Rendered pictures of one pen, no two alike."""
    rng = np.random.default_rng(11)
    view = PenView("cattle", 26.0, 16.0, look_seed=5)
    scenes = [render_pen(view, scatter("cattle", 26.0, 16.0, HEAD, rng), Light.DAY, rng).image for _ in range(frames)]
    return [np.asarray(cv2.resize(image, (width, height)), np.uint8) for image in scenes]


def _memory(name: str, options: argparse.Namespace) -> Figures:
    command = [sys.executable, "-m", "bench.vision", "--memory", name, "--model", str(options.model)]
    command += ["--size", str(options.size)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    found: Figures = json.loads(answer.stdout.splitlines()[-1])
    return found


def _memory_here(name: str, model: Path, size: int) -> Figures:
    """What opening the model and looking at a few pictures adds to a process that has imported everything."""
    before = _memory_mb("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    engine = _engine(name, model, 2)
    detector = NetworkDetector(engine, model, size=size, threads=2, floor=0.05, iou=0.5, version=model.stem)
    picture = np.random.default_rng(0).integers(0, 256, (*reversed(CAMERAS[0]), 3), dtype=np.uint8)
    for _ in range(6):
        detector.detect(picture)
    added = {"peak_mb": _memory_mb("VmHWM") - before, "steady_mb": _memory_mb("VmRSS") - before}
    return {"before_mb": round(before)} | {f"added_{name}": round(mb) for name, mb in added.items()}


def _memory_mb(field: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))


def _tell(result: Figures, rows: list[Figures]) -> None:
    say = sys.stderr.write
    titles = ("threads", 8), ("camera", 10), ("bare ms", 9), ("frame ms", 9), ("ratio", 7), ("cpu", 7), ("jpeg", 7)
    say("engine".ljust(26) + "".join(title.rjust(width) for title, width in titles) + "  checks\n")
    for r in rows:
        say(f"{r['engine']:26}{r['threads']:8}{r['camera']:>10}{r['bare_ms']:9}{r['frame_ms']:9}")
        say(f"{r['frame_over_bare']:7.2f}{r['frame_over_bare_cpu']:7.2f}{r['jpeg_over_bare']:7.2f}")
        say(f"{r['checks_over_bare']:8.2f}\n")
    for name in ("memory", "load_1_min", "worst_ratio", "fastest_engine_ms_2_threads", "within_budget"):
        say(f"{name:28} {result[name]}\n")


if __name__ == "__main__":
    raise SystemExit(main())
