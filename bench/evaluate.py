"""Scenarios with ground truth, played through the real rules and the real desk: precision, recall, delay, noise.

    ./run evaluate --seeds 20 --first-seed 1 --json

Each seed plays every scenario once and ten honest farm-months of 500 head; the largest farm (17,000 head) is played
once a run. Figures and targets: docs/evaluation.md.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.evaluation import plays, plot
from bench.evaluation.totals import Summary, failures, summary, totals

PROCESSES = 2
Task = tuple[int, str]


def main(arguments: list[str] | None = None) -> int:
    """Play and print; 0 when every target holds."""
    options = _parser().parse_args(arguments)
    tasks = _tasks(options)
    began = time.perf_counter()
    played = list(_played(tasks, options.processes, began))
    result = totals(played)
    result["seeds"] = options.seeds
    result["first_seed"] = options.first_seed
    result["took_s"] = round(time.perf_counter() - began, 1)
    failed = failures(result)
    result["failures"] = failed
    _print_table(result)
    if options.plot:
        plot.delays(options.plot, result)
    for words in failed:
        print(f"FAILED {words}", file=sys.stderr)
    if options.json:
        print(json.dumps(result, ensure_ascii=False))
    return int(bool(failed))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./run evaluate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=20, help="how many (default: %(default)s)")
    parser.add_argument("--first-seed", type=int, default=1, help="the first of them (default: %(default)s)")
    parser.add_argument("--only", default="", help="scenarios by name, separated by commas; `quiet` for the months")
    parser.add_argument(
        "--months", type=int, default=plays.MONTHS_A_SEED, help="honest farm-months a seed (%(default)s)"
    )
    parser.add_argument("--processes", type=int, default=PROCESSES, help="side by side (default: %(default)s)")
    parser.add_argument("--plot", type=Path, help="an SVG of the delays per rule to write")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    return parser


def _tasks(options: argparse.Namespace) -> list[Task]:
    """Seed and scenario, the long ones first."""
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    wanted = set(options.only.split(",")) if options.only else None
    names = [s.__name__ for s in plays.SCENARIOS]
    unknown = (wanted or set()) - {*names, *(s.__name__ for s in plays.ONCE), "quiet"}
    if unknown:
        raise SystemExit(f"there is no scenario {', '.join(sorted(unknown))}; there are: quiet, {', '.join(names)}")
    tasks = [(options.first_seed, s.__name__) for s in plays.ONCE]
    tasks += [(seed, f"quiet {month}") for seed in seeds for month in range(options.months)]
    tasks += [(seed, name) for seed in seeds for name in names]
    return [t for t in tasks if wanted is None or t[1].split()[0] in wanted]


def _played(tasks: list[Task], processes: int, began: float) -> Iterator[Summary]:
    # One thread a process: two processes of many threads each are slower on two cores than one.
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    with multiprocessing.get_context("spawn").Pool(processes, maxtasksperchild=40) as pool:
        for number, done in enumerate(pool.imap_unordered(_play, tasks), 1):
            yield done
            if number % 10 == 0 or number == len(tasks):
                spent = time.perf_counter() - began
                left = spent / number * (len(tasks) - number)
                print(f"{number} of {len(tasks)} plays, {spent:.0f} s, about {left:.0f} s to go", file=sys.stderr)


def _play(task: Task) -> Summary:
    seed, name = task
    began = time.process_time()
    # Facts are millions of small objects without cycles: looking for cycles among them is an eighth of the time.
    gc.disable()
    if name.startswith("quiet "):
        made = plays.quiet_month(seed, int(name.split()[1]))
    else:
        scenario = next(s for s in (*plays.SCENARIOS, *plays.ONCE) if s.__name__ == name)
        made = scenario(seed)
    return summary(made, seed, time.process_time() - began)


def _print_table(result: dict[str, object]) -> None:
    rules: dict[str, dict[str, object]] = result["rules"]  # type: ignore[assignment]
    columns = ("truth", "raised", "precision", "recall", "delay_s", "per_1000_animal_days")
    print(f"{'rule':5}" + "".join(f"{name:>22}" for name in columns), file=sys.stderr)
    for number, figures in rules.items():
        delay: dict[str, object] = figures["delay_s"]  # type: ignore[assignment]
        cells = {**figures, "delay_s": f"{delay['p50']} / {delay['p95']}"}
        print(f"{number:5}" + "".join(f"{cells[name]!s:>22}" for name in columns), file=sys.stderr)
    for name in ("red", "false_theft_escape_death_per_1000_animal_days", "false_health_per_1000_animal_days",
                 "heat_day_ratio", "alerts_per_officer_day"):  # fmt: skip
        print(f"{name}: {result[name]}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
