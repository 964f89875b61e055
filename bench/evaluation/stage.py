"""One play on the real decision path: facts, all rules, and a desk, tick after tick."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from bench.evaluation.gatherer import Gatherer
from bench.evaluation.judge import Verdict, judge, two_witnesses
from bench.evaluation.record import Record
from bench.evaluation.surroundings import told_air, told_outages
from bench.evaluation.truth import Script
from bench.evaluation.world import DAY_S, World, moment
from collateral.alerting.desk import Desk
from collateral.anomaly.rules import findings, loan_findings
from collateral.facts.loan import LoanFacts
from collateral.model.finding import Finding
from collateral.model.ids import BranchId

BRANCH = BranchId("b1")


@dataclass
class Play:
    """What came of one scenario. `quiet`: an honest farm-month. `kept_witnesses`: the two-witness rule held."""

    name: str
    head: int
    record: Record
    verdict: Verdict
    quiet: bool = False
    kept_witnesses: bool = True
    extra: dict[str, float] = field(default_factory=dict)


def play(
    name: str, world: World, ticks: Iterable[float], *, quiet: bool = False,
    also: Callable[[list[Finding]], None] | None = None,
) -> Play:  # fmt: skip
    """Play a world from tick to tick (epoch seconds). `also` sees every tick's findings before inhibition."""
    moments = list(ticks)
    told_outages(world, max(b - a for a, b in pairwise(moments)))
    told_air(world)
    gatherer, desk, record = Gatherer(world), Desk(BRANCH), Record()
    kept, before = True, None
    for at_s in moments:
        facts = gatherer.facts(at_s)
        found = findings(facts)
        kept = kept and two_witnesses(found)
        record.keep(found, desk.look(found, moment(at_s)), moment(at_s))
        if also:
            also(found)
        if before is not None:
            record.animal_days += len(facts.tracks) * (at_s - before) / DAY_S
        before = at_s
    verdict = judge(world.script, record.cases, record.namings)
    return Play(name, world.estate.head, record, verdict, quiet, kept)


def play_loan(name: str, days: Iterable[LoanFacts], script: Script, *, quiet: bool = False) -> Play:
    """Play one loan's money and papers, day after day."""
    desk, record, kept, head = Desk(BRANCH), Record(), True, 0
    for facts in days:
        found = loan_findings(facts)
        kept = kept and two_witnesses(found)
        record.keep(found, desk.look(found, facts.as_of), facts.as_of)
        head = facts.head
    return Play(name, head, record, judge(script, record.cases, record.namings), quiet, kept)


def every(since_s: float, until_s: float, step_s: float) -> list[float]:
    """Moments from `since_s` up to and with `until_s`."""
    return [since_s + step_s * n for n in range(int((until_s - since_s) // step_s) + 1)]
