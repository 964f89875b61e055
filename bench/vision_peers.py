"""Head counts of the shared validation pictures, ours and other people's, by one measure: `./run bench vision_peers`.

    ours              `vision evaluate` with the default model
    COCO baseline     the same with the public COCO weights, uncalibrated
    peers             COCO weights and our weights under ultralytics, supervision's slicer and SAHI
    mean              always guessing the mean of the training pictures
    seams             tiled counting of known herds at 60, 150 and 300 head

Method, versions and licences: docs/reference/vision-peers.md.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.stills import peers, seams
from stack.folders import REPOSITORY, run_folder
from vision.commands.terminal import picture_sets
from vision.manifest import read_manifest
from vision.models import default_model
from vision.truth import Truth, find_sets, read_set

SHOWN = ("mae", "rmse", "mre", "precision", "recall", "ap", "ms_per_frame")


def main() -> int:
    """Measure everybody; 0 when ours could be measured."""
    options = _parser().parse_args()
    folder = run_folder("peers")
    try:
        result = _measured(options, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    _show(result)
    if options.json:
        print(json.dumps(result))
    return int("herdlien" not in result["ways"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bench.vision_peers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="folder of labelled sets; default: the shared ones")
    parser.add_argument("--model", type=Path, help="an .onnx file; default: the one that comes along")
    parser.add_argument("--sets", default="", help="only these, comma-separated")
    parser.add_argument("--most", type=int, default=0, help="at most so many pictures a set, evenly spread; 0: all")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seam-seeds", type=int, default=20, help="herds per size; 0: no seams")
    parser.add_argument("--no-peers", action="store_true", help="ours, the baseline and the mean alone")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    return parser


def _measured(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    data, model = options.data or picture_sets(), options.model or default_model()
    coco = data / "weights" / "yolo11n_coco_dequant.onnx"
    wanted = set(filter(None, options.sets.split(",")))
    found = {name: path for name, path in find_sets(data, "val").items() if not wanted or name in wanted}
    sets = {name: _some(read_set(path, "val"), options.most) for name, path in found.items()}
    ways: dict[str, dict[str, Any]] = {}
    missing: dict[str, str] = {}
    versions: dict[str, dict[str, str]] = {}
    if not options.most:  # the command takes whole sets
        for name, network in (("herdlien", model), ("COCO weights in herdlien, uncalibrated", coco)):
            _say(name)
            _ours(name, network, found, options.threads, ways, missing)
    ways["guess the mean"] = {
        name: peers.mean_guess(read_set(path, "train"), sets[name])
        for name, path in found.items()
        if (path / "images" / "train").is_dir()
    }
    if not options.no_peers:
        for way in peers.still_peers(coco.with_suffix(".pt"), model, read_manifest(model)):
            _say(way.peer.name)
            asked, rows = peers.measured(way, sets, folder, options.threads)
            ways[way.peer.name], versions[way.peer.name] = rows, asked.versions
            if asked.reason:
                missing[way.peer.name] = asked.reason
    result = {"model": model.stem, "ways": ways, "missing": missing, "versions": versions}
    if options.seam_seeds:
        _say("seams")
        result["seams"] = seams.measure(options.seam_seeds, 1000, folder)
    return result


def _ours(
    name: str, model: Path, sets: dict[str, Path], threads: int, ways: dict[str, Any], missing: dict[str, str]
) -> None:
    """Figures of `vision evaluate`, run as a process as anybody would."""
    ways[name] = {}
    for set_name, path in sets.items():
        command = [
            sys.executable, "-m", "vision", "evaluate", str(path), "--split", "val", "--json",
            "--model", str(model), "--threads", str(threads),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPOSITORY)
        if done.returncode not in (0, 1) or not done.stdout.strip():
            missing[f"{name} on {set_name}"] = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            continue
        ways[name][set_name] = json.loads(done.stdout.splitlines()[-1])["sets"][path.resolve().name]
    if not ways[name]:
        del ways[name]


def _some(rows: list[Truth], most: int) -> list[Truth]:
    return rows if not most or len(rows) <= most else rows[:: -(-len(rows) // most)]


def _show(result: dict[str, Any]) -> None:
    names = list(dict.fromkeys(name for rows in result["ways"].values() for name in rows))
    for name in names:
        _say(f"\n{name:46}" + "".join(f"{key:>13}" for key in SHOWN))
        for way, rows in result["ways"].items():
            if name in rows:
                _say(f"  {way:44}" + "".join(f"{_cell(rows[name], key):>13}" for key in SHOWN))
    for way, rows in result.get("seams", {}).get("mean_error_percent", {}).items():
        _say(f"seams: {way:30} {rows}")
    for way, reason in {**result["missing"], **result.get("seams", {}).get("missing", {})}.items():
        _say(f"missing: {way}: {reason}")


def _cell(row: dict[str, Any], key: str) -> str:
    value = row.get(key) if key != "ap" else row.get("ap50") or row.get("point_ap")
    return "-" if value is None else str(value)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
