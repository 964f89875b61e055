"""How far the best estimate of head lies off the truth: `python -m bench.reconcile_bias [--seeds 60] [--json]`.

Herds with a known truth (`bench.reconciliation.herd`) go through `collateral.book.reconcile`, for every loss, size and
set of witnesses. Of the book, in per cent: `bias`, the mean of best estimate less truth (above nought it favours the
borrower), and `rmse`. Shares of herds: `holds`, whose 95 % interval holds the truth; `proved`, of which it is called
proved that some are missing; `told`, of which R3 speaks in yellow or more. With nothing gone the last two are false.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from itertools import product

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")  # before numpy comes

import numpy as np  # noqa: E402

from bench.reconciliation.herd import LOAN, Setting, herd  # noqa: E402
from collateral.anomaly.counting.count_gap import count_gap  # noqa: E402
from collateral.book.reconcile import reconcile  # noqa: E402
from collateral.model.finding import Severity  # noqa: E402

LOSSES = (0.0, 0.02, 0.05, 0.10, 0.20, 0.50)
HEADS = (100, 500, 2_000)
EITHER = (False, True)
Row = dict[str, float | bool]
FIGURES = ("bias", "rmse", "holds", "proved", "told")


def settings() -> Iterator[Setting]:
    """Every loss, size and set of witnesses; where nothing is gone there is no difference in how it went."""
    for head, loss, cameras, inspected, at_once in product(HEADS, LOSSES, EITHER, EITHER, EITHER):
        if loss or not at_once:
            yield Setting(head=head, loss=loss, cameras=cameras, inspected=inspected, at_once=at_once)


def measured(setting: Setting, seeds: int, first: int) -> Row:
    """The figures of one setting over so many herds. Seeds are shared: settings differ by the setting alone."""
    errors, flags = [], []
    for seed in range(first, first + seeds):
        there, facts = herd(setting, np.random.default_rng([seed, setting.head]))
        said = reconcile(facts, LOAN)
        told = any(f.severity >= Severity.YELLOW for f in count_gap(facts))
        errors.append(100 * (said.estimate.best - there) / setting.head)
        flags.append((said.estimate.low <= there <= said.estimate.high, said.shortfall_proved, told))
    holds, proved, spoken = np.mean(flags, axis=0)
    return {
        "head": setting.head, "loss": setting.loss, "cameras": setting.cameras, "inspected": setting.inspected,
        "at_once": setting.at_once, "bias": round(float(np.mean(errors)), 3),
        "rmse": round(float(np.sqrt(np.mean(np.square(errors)))), 3), "holds": round(float(holds), 3),
        "proved": round(float(proved), 3), "told": round(float(spoken), 3),
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="bench.reconcile_bias", description=(__doc__ or "").split("\n", maxsplit=1)[0]
    )
    parser.add_argument("--seeds", type=int, default=60, help="herds of each setting (default: %(default)s)")
    parser.add_argument("--first-seed", type=int, default=1, help="the first of them (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    options = parser.parse_args()
    rows = [measured(setting, options.seeds, options.first_seed) for setting in settings()]
    if options.json:
        print(json.dumps({"seeds": options.seeds, "first_seed": options.first_seed, "rows": rows}))
        return 0
    print(" head  loss cameras inspected went    " + "".join(f"{name:>8}" for name in FIGURES))
    for row in rows:
        went = ("one by one", "at once")[bool(row["at_once"])] if row["loss"] else "-"
        witnesses = f"{'yes' if row['cameras'] else 'no':>7} {'yes' if row['inspected'] else 'no':>9} {went:<10}"
        figures = "".join(f"{row[name]:8}" for name in FIGURES)
        print(f"{row['head']:>5} {100 * row['loss']:>4.0f}% {witnesses}{figures}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
