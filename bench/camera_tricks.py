"""Camera tricks made from real pictures: how many are found, how soon, at how many false alarms, at what cost.

`--development` shows the clips that thresholds were set with; without it other cameras and other seeds are used.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from bench.tricks import catalogue, optics
from bench.tricks.catalogue import AGAIN, BLIND, CLOCK, SOFT, STILL, TURNED
from bench.tricks.footage import FPS, Optics, encoded, live
from bench.tricks.stills import DEVELOPMENT, Place, film, places
from bench.tricks.trial import Bench, Outcome
from vision.camera.finding import Trick
from vision.camera.glance import glance_at
from vision.camera.habits import Habits
from vision.camera.view import light_of
from vision.camera.watch import CameraWatch
from vision.commands.terminal import picture_sets
from vision.detector import Image

LEAD_S, TRICK_S, REPLAY_S = 24.0, 8.0, 11.0
QUALITY = 85
STREAM = 640  # longest side of a camera's second stream, pixels
NONE: frozenset[Trick] = frozenset()
MINUTE = 60.0


def main() -> int:
    """Run all clips and print the table."""
    parser = argparse.ArgumentParser(prog="bench.camera_tricks", description=__doc__)
    parser.add_argument("--cameras", type=int, default=6, help="how many cameras' pictures (default: %(default)s)")
    parser.add_argument("--stills", type=int, default=300, help="honest stills a camera, one a minute")
    parser.add_argument("--minutes", type=float, default=3, help="honest video a camera")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--development", action="store_true", help="the cameras that thresholds were set with")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options = parser.parse_args()
    data = picture_sets()
    if not (data / "pasture-cctv" / "index.csv").is_file():
        print(f"skipped: no pictures at {data}; name their folder with HERDLIEN_DATA", file=sys.stderr)
        if options.json:
            print(json.dumps({"skipped": f"no pictures at {data}"}))
        return 0
    document = run(data, options)
    _say(document)
    if options.json:
        print(json.dumps(document))
    return 0


def run(data: Path, options: argparse.Namespace) -> dict[str, Any]:
    """All clips; the document for `--json`."""
    began = time.process_time()
    every = places(data)
    usable = [place for place in every if (place.name in DEVELOPMENT) == options.development]
    chosen = usable[:: max(1, len(usable) // options.cameras)][: options.cameras]
    bench = Bench()
    for number, place in enumerate(chosen):
        print(f"{place.name} ({number + 1} of {len(chosen)})", file=sys.stderr, flush=True)
        _camera(bench, place, _another(place, every), options.seed * 1000 + number, options)
    _film(bench, film(data))
    for place in usable:
        _real_stills(bench, place)
    return _document(bench, [place.name for place in chosen], time.process_time() - began)


def _another(place: Place, among: list[Place]) -> Place:
    """Another scene in the same kind of light; a camera that is turned as it switches to infrared is not found."""
    light, kind = light_of(glance_at(place.stills[0].read())), place.name.split("-")[0]
    others = [other for other in among if other.name.split("-")[0] != kind]
    alike = (other for other in others if light_of(glance_at(other.stills[0].read())) == light)
    return next(alike, others[0])


def _camera(bench: Bench, place: Place, other: Place, seed: int, options: argparse.Namespace) -> None:
    rng = np.random.default_rng(seed)
    still, wide = place.stills[0].at_most(STREAM), place.stills[0]
    lead = [encoded(picture, QUALITY) for picture in live(still, seed, LEAD_S)]
    known, known_wide = CameraWatch(), CameraWatch()
    _honest(bench, "honest: as ever", place.name, known, lead, 0.0)
    _honest(bench, "honest: as ever", place.name, known_wide,
            [encoded(picture, QUALITY) for picture in live(wide, seed, LEAD_S / 2)], 0.0)  # fmt: skip
    seen = ((catalogue.COVERS, BLIND, still, known), (catalogue.FOCUS, SOFT, wide, known_wide),
            (catalogue.TURNS | {"turn: another place": optics.elsewhere(other.stills[0])}, TURNED, wide, known_wide),
            (catalogue.HONEST, NONE, still, known))  # fmt: skip
    for kinds, wanted, picture, watch in seen:
        for name, kind in kinds.items():
            before = kind(picture, rng)
            pictures = (encoded(one, QUALITY) for one in live(picture, seed + 500, TRICK_S, before, look=seed))
            bench.clip(name, place.name, watch, pictures, wanted, LEAD_S, 1 / FPS)
    _wires(bench, place.name, known, lead, rng)
    _clocks(bench, place.name, known, lead)
    _slowly(bench, place, seed, options.stills)
    long = (encoded(picture, QUALITY) for picture in live(still, seed + 700, options.minutes * MINUTE))
    _honest(bench, "honest: as ever", place.name, CameraWatch(), long, 0.0)


def _honest(bench: Bench, kind: str, place: str, watch: CameraWatch, pictures: Iterable[Image], start_s: float) -> None:
    """Footage that the watch also learns from."""
    first, seconds = bench.show(watch, pictures, start_s, 1 / FPS)
    bench.outcomes.append(Outcome(kind, place, first, NONE, seconds))


def _wires(bench: Bench, place: str, known: CameraWatch, lead: list[Image], rng: np.random.Generator) -> None:
    many = int(REPLAY_S * FPS)
    rounds = (lead[-15:] * 4)[:many]
    sent = ((catalogue.FREEZES, STILL, [lead[-1]] * many), (catalogue.LOOPS, AGAIN, rounds),
            (catalogue.REPLAYS, AGAIN, lead[20 : 20 + many]))  # fmt: skip
    for kinds, wanted, pictures in sent:
        for name, disguise in kinds.items():
            # a picture that was cropped is another view as well, and saying so is right
            right = wanted | TURNED if "crop" in name else wanted
            bench.clip(name, place, known, disguise(pictures, rng), right, LEAD_S, 1 / FPS)


def _clocks(bench: Bench, place: str, known: CameraWatch, lead: list[Image]) -> None:
    for name, off_s in catalogue.CLOCKS.items():
        bench.clip(name, place, known, lead[:12], CLOCK | AGAIN, LEAD_S, 1 / FPS, off_s)


def _slowly(bench: Bench, place: Place, seed: int, many: int) -> None:
    """One picture a minute: hours of them, then the tricks that stills can show."""
    watch = CameraWatch()
    still = place.stills[-1].at_most(STREAM)
    pictures = [encoded(picture, QUALITY) for picture in live(still, seed + 900, many / FPS)]
    first, seconds = bench.show(watch, pictures, 0.0, MINUTE)
    bench.outcomes.append(Outcome("honest stills: one a minute", place.name, first, NONE, seconds))
    start_s = many * MINUTE
    for name, sent, wanted in (
        ("stills: the same again", [pictures[-1]] * 4, STILL),
        ("stills: replayed", [encoded(one, 60) for one in pictures[5:10]], AGAIN),
    ):
        bench.clip(name, place.name, watch, sent, wanted, start_s, MINUTE)
    rng = np.random.default_rng(seed)
    for name, kind, wanted in (
        ("stills: cloth", optics.cloth, BLIND),
        ("stills: turned 20 px", optics.shift(20), TURNED),
    ):
        spoilt = _for_good(kind(still, rng))
        sent = [encoded(one, QUALITY) for one in live(still, seed + 901, 1.5, spoilt, look=seed + 900)]
        bench.clip(name, place.name, watch, sent, wanted, start_s, MINUTE)


def _for_good(before: Optics) -> Optics:
    """As it is long after it began."""
    return lambda canvas, _: before(canvas, 99)


def _film(bench: Bench, pictures: list[Image]) -> None:
    """Real video, but held by hand: the view is not judged."""
    watch, every_s = CameraWatch(Habits(fixed=False)), 2 / 30
    played = pictures[::2]
    first, seconds = bench.show(watch, played, 0.0, every_s)
    bench.outcomes.append(Outcome("honest: real film, held by hand", "race-gate", first, NONE, seconds))
    sent = {
        "freeze: real film": ([played[-1]] * 90, STILL),
        "replay: real film": (played[15:150], AGAIN),
        "loop: real film": ((played[-30:] * 4)[:120], AGAIN),
    }
    for name, (shown, wanted) in sent.items():
        for quality in (85, 60, 40):
            clip = [encoded(picture, quality) for picture in shown]
            bench.clip(name, f"race-gate, JPEG {quality}", watch, clip, wanted, seconds, every_s)


def _real_stills(bench: Bench, place: Place) -> None:
    """A camera's real pictures, minutes to hours apart, given one a minute."""
    watch = CameraWatch()
    first, seconds = bench.show(watch, (still.at_most(STREAM).read() for still in place.stills), 0.0, MINUTE)
    bench.outcomes.append(Outcome("honest stills: real, as they came", place.name, first, NONE, seconds))


def _document(bench: Bench, cameras: list[str], cpu_s: float) -> dict[str, Any]:
    kinds: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in bench.outcomes:
        kinds[outcome.kind].append(outcome)
    tricks = {kind: _trick_row(rows) for kind, rows in kinds.items() if rows[0].wanted}
    honest = {kind: _honest_row(rows) for kind, rows in kinds.items() if not rows[0].wanted}
    return {
        "cameras": cameras,
        "manipulated_clips": sum(row["clips"] for row in tricks.values()),
        "tricks": tricks,
        "honest": honest,
        "honest_video": _honest_row([o for o in bench.outcomes if not o.wanted and "stills" not in o.kind]),
        "honest_stills": _honest_row([o for o in bench.outcomes if not o.wanted and "stills" in o.kind]),
        "pictures_looked_at": bench.meter.pictures,
        "cpu_ms_per_picture": round(bench.meter.seconds / bench.meter.pictures * 1000, 2),
        "cpu_ms_slowest_picture": round(bench.meter.slowest_s * 1000, 2),
        "cost_1280x720": cost(),
        "cpu_s_of_this_run": round(cpu_s),
    }


def cost(size: tuple[int, int] = (1280, 720), looks: int = 40) -> dict[str, float]:
    """CPU-ms of one picture with a memory that is full, and without its look-up; 1 thread."""
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 255, (size[1], size[0], 3), dtype=np.uint8) for _ in range(4)]
    watch = CameraWatch()
    watch.replay.memory.kept = watch.replay.coarse.kept = watch.replay.memory.entries
    meters = []
    for one in (watch, CameraWatch(Habits(memory=16))):
        meter = Bench()
        meter.show(one, (pictures[number % 4] for number in range(looks)), 0.0, 0.04)
        meters.append(round(meter.meter.seconds / looks * 1000, 2))
    return {"cpu_ms_memory_full": meters[0], "cpu_ms_memory_small": meters[1]}


def _trick_row(rows: list[Outcome]) -> dict[str, Any]:
    delays = sorted(row.delay_s for row in rows if row.delay_s is not None)
    return {
        "clips": len(rows),
        "found": len(delays),
        "rate": round(len(delays) / len(rows), 3),
        "within_5_s": sum(delay <= 5 for delay in delays),
        "within_10_s": sum(delay <= 10 for delay in delays),
        "delay_median_s": round(statistics.median(delays), 2) if delays else None,
        "delay_worst_s": round(delays[-1], 2) if delays else None,
        "missed": [row.place for row in rows if row.delay_s is None],
        "said_besides": sorted({trick.value for row in rows for trick in row.false}),
    }


def _honest_row(rows: list[Outcome]) -> dict[str, Any]:
    days = sum(row.seconds for row in rows) / 86_400
    false = sum(len(row.false) for row in rows)
    return {
        "clips": len(rows),
        "hours": round(days * 24, 3),
        "false_alarms": false,
        "per_camera_day": round(false / days, 3),
        "at_most_per_camera_day": round(poisson_bound(false) / days, 3),
        "which": sorted(f"{trick.value} at {row.place}" for row in rows for trick in row.false),
    }


def poisson_bound(seen: int) -> float:
    """The largest mean that gives `seen` or fewer with 5 % probability: an upper 95 % bound."""
    low, high = 0.0, 10.0 + 4 * seen
    for _ in range(60):
        middle = (low + high) / 2
        term, below = np.exp(-middle), 0.0
        for count in range(seen + 1):
            below += term
            term *= middle / (count + 1)
        low, high = (middle, high) if below > 0.05 else (low, middle)
    return high


def _say(document: dict[str, Any]) -> None:
    for kind, row in document["tricks"].items():
        print(f"{kind:32} {row['found']:3}/{row['clips']:<3} median {row['delay_median_s']} s, worst "
              f"{row['delay_worst_s']} s, besides {row['said_besides']}", file=sys.stderr)  # fmt: skip
    for kind, row in document["honest"].items():
        print(f"{kind:36} {row['hours']:8.3f} h, {row['false_alarms']} false {row['which']}", file=sys.stderr)
    print(
        f"{document['cpu_ms_per_picture']} CPU-ms a picture, slowest {document['cpu_ms_slowest_picture']}",
        file=sys.stderr,
    )


if __name__ == "__main__":
    sys.exit(main())
