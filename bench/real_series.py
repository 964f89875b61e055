"""The engine on real series of animals: false health alerts, calvings and heats, collar faults, days on a truck.

Reads the folder `sensors` of the shared data (HERDLIEN_DATA, default ../shared/data). No public series carries labels
of fever or theft: what is said of those rests on simulation alone.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from bench.real import breeding, gps, health, plots

REPOSITORY = Path(__file__).parents[1]


def main() -> int:
    """Measure and tell; draw where asked. 0 also when there are no data, which is said."""
    options = _parser().parse_args()
    folder = Path(os.environ.get("HERDLIEN_DATA", REPOSITORY.parent / "shared" / "data")) / "sensors"
    if not folder.is_dir():
        print(f"skipped: there is no {folder}; name the shared data with HERDLIEN_DATA", file=sys.stderr)
        if options.json:
            print(json.dumps({"skipped": f"no folder {folder.name} in HERDLIEN_DATA"}))
        return 0
    found: dict[str, Any] = {
        "health": health.figures(folder / "bovheat_scr_activity"),
        **breeding.figures(folder / "bovheat_scr_activity"),
        "gps": gps.figures(folder / "animaltracker_cattle_gps"),
    }
    if options.plots:
        _draw(found, options.plots)
    for name, part in found.items():
        print(f"{name}: {json.dumps(part, indent=1)}", file=sys.stderr)
    if options.json:
        print(json.dumps(found))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.real_series", description=__doc__)
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    parser.add_argument("--plots", type=Path, metavar="DIR", help="draw the pictures of docs/evaluation.md there")
    return parser


def _draw(found: dict[str, Any], folder: Path) -> None:
    rates = found["health"]["false_per_1000_animal_days"]
    plots.bars(
        folder / "false-health-alerts.svg", "False health alerts per 1,000 animal-days, neck tags",
        ["herd removed, rate controlled", "herd removed, p < .01", "herd left in, rate controlled"],
        {
            "ordinary days": [rates["ordinary"], rates["ordinary_p_01"], rates["ordinary_without_herd"]],
            "days of -25 %": [rates["hot"], rates["hot_p_01"], rates["hot_without_herd"]],
        },
    )  # fmt: skip
    peaks = found["calving"]["median_daily_peak_by_day"]
    plots.line(
        folder / "calving-response.svg", "Highest activity change of the day, median over cows",
        [float(day) for day in peaks], list(peaks.values()), "days from calving",
    )  # fmt: skip
    trips = found["gps"]["transport_days"]
    plots.bars(
        folder / "transport-days.svg", "Days on a truck found in collar logs, km", [t["day"][2:] for t in trips],
        {"km of the day": [t["km"] for t in trips]},
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
