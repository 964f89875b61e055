"""Line counting at gates, ours and other people's, on the same frozen detections: `./run bench gate_films --json`.

Clips: drawn films across levels of occlusion, each with faults put into its true boxes and as our model finds the
animals in it; the real film of the shared pictures; box-level episodes. Method: docs/reference/vision-peers.md.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.gates import counters, sources, verdict
from bench.gates.clip import Clip
from bench.gates.verdict import Count
from bench.peers.vision.counters import LINE_COUNTERS
from stack.folders import run_folder
from vision.commands.terminal import picture_sets
from vision.counter import open_counter
from vision.detector import Detector
from vision.errors import VisionError

OURS = "herdlien"
Counts = dict[str, dict[str, Count]]


def main() -> int:
    """Make the clips, let everybody count them, judge; 0 when we could count."""
    options = _parser().parse_args()
    folder = run_folder("gates")
    try:
        clips = _clips(options, options.keep or folder)
        _say(f"{len(clips)} clips, {sum(c.passages for c in clips)} passages")
        counts, missing, versions = _counted(clips, folder, with_peers=not options.no_peers)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    result = _judged(clips, counts) | {"missing": missing, "versions": versions}
    _show(result)
    if options.json:
        print(json.dumps(result))
    return int(OURS not in counts)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.gate_films", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2, help="films of each scenario (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=15.0, help="length of a film (default: %(default)s)")
    parser.add_argument(
        "--episode-seeds", type=int, default=10, help="episodes of each scenario (default: %(default)s)"
    )
    parser.add_argument(
        "--first-seed", type=int, default=1000, help="development uses seeds below (default: %(default)s)"
    )
    parser.add_argument("--no-model", action="store_true", help="true boxes with faults alone, no network")
    parser.add_argument("--no-peers", action="store_true", help="ours alone")
    parser.add_argument("--model", type=Path, help="an .onnx file; default: the one that comes along")
    parser.add_argument("--keep", type=Path, help="write films, truth and detections into this folder and leave them")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    return parser


def _clips(options: argparse.Namespace, folder: Path) -> list[Clip]:
    folder.mkdir(parents=True, exist_ok=True)
    detector: Detector | None = None if options.no_model else open_counter(options.model).detector_for(None)
    seeds = list(range(options.first_seed, options.first_seed + options.seeds))
    _say("drawing films and finding the animals in them")
    clips = list(sources.drawn_films(folder, seeds, options.seconds, detector))
    clips += sources.real_film(picture_sets(), folder, detector)
    _say("making episodes")
    episode_seeds = list(range(options.first_seed, options.first_seed + options.episode_seeds))
    return [*clips, *sources.episodes(folder, episode_seeds)]


def _counted(
    clips: Sequence[Clip], folder: Path, *, with_peers: bool
) -> tuple[Counts, dict[str, str], dict[str, dict[str, str]]]:
    """Everybody's counts; who is missing and why; versions of the others."""
    counts: Counts = {}
    missing: dict[str, str] = {}
    versions: dict[str, dict[str, str]] = {}
    try:
        counts[OURS] = counters.ours(clips)
    except VisionError as error:
        missing[OURS] = str(error)
    for peer in LINE_COUNTERS if with_peers else ():
        _say(peer.name)
        asked, found = counters.theirs(peer, clips, folder)
        failed = [row["error"] for row in asked.answers.values() if "error" in row]
        if asked.reason or failed:
            missing[peer.name] = asked.reason or f"{len(failed)} clips failed, the first: {failed[0]}"
        if len(found) == len(clips):
            counts[peer.name] = found
            versions[peer.name] = asked.versions
    return counts, missing, versions


def _judged(clips: Sequence[Clip], counts: Counts) -> dict[str, Any]:
    groups = {group: [c for c in clips if c.group == group] for group in dict.fromkeys(c.group for c in clips)}
    films = [c for c in clips if c.group in sources.GROUPS]
    groups |= {"all drawn films": films} if films else {}
    return {
        "groups": {
            group: {name: asdict(verdict.figures(own, found)) for name, found in counts.items()}
            for group, own in groups.items()
        },
        "ours_better_by": {
            group: {
                name: verdict.difference(own, counts[OURS], found) for name, found in counts.items() if name != OURS
            }
            for group, own in groups.items()
            if OURS in counts
        },
        "failing": verdict.failing(clips, counts[OURS]) if OURS in counts else [],
    }


def _show(result: dict[str, Any]) -> None:
    for group, rows in result["groups"].items():
        passages = next(iter(rows.values()))["passages"] if rows else 0
        _say(f"\n{group} ({passages} passages)")
        for name, row in rows.items():
            sure = "" if row["flagged"] is None else f", {row['flagged']} flagged, rest exact {row['exact_unflagged']}"
            _say(
                f"  {name:40} {row['per_100']:7.2f} off per 100 (in and out apart {row['gross_per_100']:7.2f}), "
                f"MAE {row['net_mae']:.2f}, exact {row['exact']:.0%}, {row['ms_per_frame']:.2f} CPU-ms a frame{sure}"
            )
    for row in result["failing"]:
        _say(f"wrong: {row}")
    for name, reason in result["missing"].items():
        _say(f"missing: {name}: {reason}")


_say: Callable[[str], None] = lambda text: print(text, file=sys.stderr, flush=True)  # noqa: E731


if __name__ == "__main__":
    sys.exit(main())
