"""The stream detector among others, on streams of 13 kinds with known anomalies, marked 0-100 by three profiles.

Every draw is 58 files of bench/streams/kinds.py; figures are the mean over draws. The seeds from 1000 on are for
reporting alone: limits were chosen on seeds below 100.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from statistics import fmean

import numpy as np

from bench.streams import kinds, marking, peers
from collateral.anomaly.stream.detector import scores

SEEDS_FROM = 1000
OURS = "herdlien"


def _ours(at_s: peers.Floats, value: peers.Floats) -> peers.Floats:
    return np.fromiter(scores(zip(at_s.tolist(), value.tolist(), strict=True)), np.float64, len(value))


DETECTORS: dict[str, peers.Detector] = {OURS: _ours} | peers.DETECTORS


def main() -> int:
    """Draw, score, mark; 0 when ours is the best by the standard profile."""
    options = _parser().parse_args()
    seeds = range(options.first_seed, options.first_seed + options.draws)
    results = {name: _measured(detector, seeds) for name, detector in DETECTORS.items()}
    for name, result in results.items():
        print(f"{name:24}" + "".join(f"{key} {value:9}  " for key, value in result.items()), file=sys.stderr)
    if options.json:
        print(json.dumps({"draws": options.draws, "first_seed": options.first_seed, "detectors": results}))
    best = max(results, key=lambda name: results[name]["standard"])
    return int(best != OURS)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.stream_detectors", description=__doc__)
    parser.add_argument("--draws", type=int, default=3, help="draws of 58 files (default: %(default)s)")
    parser.add_argument("--first-seed", type=int, default=SEEDS_FROM, help="default: %(default)s")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    return parser


def _measured(detector: peers.Detector, seeds: range) -> dict[str, float]:
    marks: dict[str, list[float]] = defaultdict(list)
    rows, spent = 0, 0.0
    for seed in seeds:
        series = kinds.draw(seed)
        windows = [marking.windows_around(s.anomalies, len(s.value)) for s in series]
        began = time.process_time()
        told = [detector(s.at_s, s.value) for s in series]
        spent += time.process_time() - began
        rows += sum(map(len, told))
        for profile, mark in marking.best(told, windows).items():
            marks[profile].append(mark)
    return {p: round(fmean(values), 1) for p, values in marks.items()} | {"rows_per_cpu_s": float(round(rows / spent))}


if __name__ == "__main__":
    sys.exit(main())
