"""How long all rules take over a whole bank's animals: `python -m bench.sweep [--json] [--million N]`.

Times are processor time of one core, from facts to findings after inhibition; facts are made (in a bank: gathered)
outside the clock, farm by farm, and are let go of before the next, so memory stays that of the largest farm. The
seconds that making them takes are printed too. The window is three days by the hour, which holds the 24 hours of most
rules. `seconds_17000` is the median of five sweeps, and `one_farm` the same animals as a single farm.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")  # before numpy comes: the goal is one core

import numpy as np  # noqa: E402

from bench.sweeps.herd import herd  # noqa: E402
from collateral.alerting.inhibition import inhibit  # noqa: E402
from collateral.anomaly.rules import HERD_RULES, NO_OVERRIDES  # noqa: E402
from collateral.facts.herd import HerdFacts  # noqa: E402

BANK_HEAD, FARM_HEAD = 17_000, 1_700
REPEATS = 5


@dataclass
class Sweep:
    """What one sweep took: seconds of one core, per rule and altogether, and what it found."""

    seconds: float = 0.0
    making: float = 0.0
    by_rule: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    found: Counter[str] = field(default_factory=Counter)

    def over(self, farms: Iterator[HerdFacts], head: int, told: str = "") -> Sweep:
        """Ask every rule about every farm; `told` prefixes the progress lines."""
        began, done = time.process_time(), 0
        for facts in farms:
            made = time.process_time()
            self.making += made - began
            done += len(facts.tracks)
            self._ask(facts)
            began = time.process_time()
            self.seconds += began - made
            if told:
                print(f"\r{told}: {done:,} of {head:,} animals, {self.seconds:.1f} s", end="", file=sys.stderr)
        if told:
            print(file=sys.stderr)
        return self

    def _ask(self, facts: HerdFacts) -> None:
        findings = []
        for rule in HERD_RULES:
            began = time.process_time()
            findings += rule.findings(facts, NO_OVERRIDES)
            self.by_rule[rule.name] += time.process_time() - began
        self.found.update(finding.rule for finding in inhibit(findings))


def farms(head: int, size: int, seed: int) -> Iterator[HerdFacts]:
    """Farms of `size` head, the last one with what is left."""
    for number in range(-(-head // size)):
        yield herd(number, min(size, head - number * size), np.random.default_rng([seed, number]))


def measured(million: int) -> dict[str, object]:
    """The figures of the bench, as its JSON line gives them."""
    bank = [Sweep().over(farms(BANK_HEAD, FARM_HEAD, seed), BANK_HEAD) for seed in range(REPEATS)]
    one_farm = Sweep().over(farms(BANK_HEAD, BANK_HEAD, 0), BANK_HEAD)
    small_rss = _rss_mb()
    many = Sweep().over(farms(million, FARM_HEAD, 0), million, "a million" if million else "")
    return {
        "seconds_17000": round(median(s.seconds for s in bank), 3),
        "seconds_17000_one_farm": round(one_farm.seconds, 3),
        "seconds_1000000": round(many.seconds, 2) if million == 1_000_000 else None,
        "seconds_per_100000": round(many.seconds / max(million, 1) * 100_000, 2),
        "rss_mb_max": round(_rss_mb(), 1),
        "rss_mb_before_the_million": round(small_rss, 1),
        "making_seconds": round(many.making, 1),
        "rules": len(HERD_RULES),
        "found_17000": dict(sorted(bank[0].found.items())),
        "milliseconds_17000_by_rule": {
            name: round(1000 * spent, 1) for name, spent in sorted(bank[0].by_rule.items(), key=lambda each: -each[1])
        },
    }


def _rss_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.sweep", description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.add_argument("--million", type=int, default=1_000_000, metavar="N", help="animals of the large sweep")
    options = parser.parse_args()
    figures = measured(options.million)
    print(json.dumps(figures) if options.json else json.dumps(figures, indent=2))
    small, large = figures["seconds_17000"], figures["seconds_1000000"]
    held = isinstance(small, float) and small < 2 and (large is None or (isinstance(large, float) and large < 90))
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
