"""All plays of a run added up: figures per rule, and whether the targets hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bench.evaluation.judge import Judged, at_most
from bench.evaluation.record import ANIMAL_RULES, NUMBER
from bench.evaluation.stage import Play
from collateral.model.finding import Audience, Severity

NUMBERS = tuple(f"R{n}" for n in range(1, 27))
LOSS = frozenset({"R1", "R2", "R3", "R11", "R12"})
"""Theft, escape, death: removal (R1, R2), count (R3), death (R11, R12)."""
HEALTH = frozenset({"R13", "R17", "R18", "R19"})
MOST_LOSS, MOST_HEALTH, MOST_HEAT = 0.2, 1.5, 1.2  # anomaly.md, goals: target, stretch, target
FARMS_AN_OFFICER = 10  # of 500 head [I]
MONTH_DAYS = 30


@dataclass(frozen=True, slots=True)
class Summary:
    """What of a play the totals need; small enough to come from another process."""

    scenario: str
    seed: int
    head: int
    quiet: bool
    kept_witnesses: bool
    animal_days: float
    ticks: int
    truths: tuple[tuple[str, str, Severity, bool, float | None, float | None], ...]
    raised: tuple[tuple[str, str, str, Severity, bool, bool], ...]
    bank_cases: int
    broken: tuple[str, ...]
    extra: dict[str, float] = field(default_factory=dict)
    took_s: float = 0.0


def summary(play: Play, seed: int, took_s: float) -> Summary:
    """Boil a play down. `truths`: what, rule, severity, is red, delay, from the start. `raised`: rule, number,
    audience, severity, is right, is an animal's."""
    right = {id(r) for r in play.verdict.right}
    raised = [*play.verdict.right, *play.verdict.false]
    return Summary(
        scenario=play.name.split("_")[0] if play.quiet else play.name, seed=seed, head=play.head, quiet=play.quiet,
        kept_witnesses=play.kept_witnesses, animal_days=play.record.animal_days, ticks=play.record.ticks,
        truths=tuple(_truth(j) for j in play.verdict.truths),
        raised=tuple(
            (r.rule, r.number, str(r.audience), r.severity, id(r) in right, r.animal is not None) for r in raised
        ),
        bank_cases=sum(c.audience is Audience.BANK for c in play.record.cases),
        broken=tuple(f"{q.what}: {r.rule} {r.severity.word}" for q, r in play.verdict.broken),
        extra=play.extra, took_s=took_s,
    )  # fmt: skip


def _truth(judged: Judged) -> tuple[str, str, Severity, bool, float | None, float | None]:
    truth = judged.truth
    started = None if judged.delay_s is None else judged.delay_s + truth.decisive_s - truth.since_s
    return truth.what, truth.rule, truth.severity, truth.red, judged.delay_s, started


def totals(plays: Sequence[Summary]) -> dict[str, Any]:
    """The JSON of a run, without how long it took."""
    quiet = [p for p in plays if p.quiet]
    days = sum(p.animal_days for p in quiet)
    false = [r for p in quiet for r in p.raised if not r[4]]
    loss = sum(r[1] in LOSS for r in false)
    health = sum(r[1] in HEALTH and r[2] == Audience.BANK for r in false)
    red = [t for p in plays for t in p.truths if t[3]]
    false_red = sum(r[3] is Severity.RED for r in false)
    red_anywhere = [
        f"{p.scenario} {p.seed}: {r[0]}" for p in plays for r in p.raised if r[3] is Severity.RED and not r[4]
    ]
    heat = {k: sum(p.extra.get("alerts", 0.0) for p in plays if p.scenario == k) for k in ("heat_day", "ordinary_day")}
    return {
        "rules": {number: _rule(number, plays, quiet, days) for number in NUMBERS},
        "red": {
            "recall": _share(sum(t[4] is not None for t in red), len(red)), "false": false_red,
            "quiet_farm_months": len(quiet), "truth": len(red), "false_in_other_scenarios": red_anywhere,
            "false_a_farm_month_at_most": _bound(false_red, float(len(quiet))),
            "two_witnesses": all(p.kept_witnesses for p in plays),
        },
        "false_theft_escape_death_per_1000_animal_days": _per(loss, days),
        "false_health_per_1000_animal_days": _per(health, days),
        "heat_day_ratio": _ratio(heat["heat_day"], heat["ordinary_day"]),
        "alerts_per_officer_day": _round(
            sum(p.bank_cases for p in quiet) / max(1, MONTH_DAYS * len(quiet)) * FARMS_AN_OFFICER
        ),
        "extras": {
            "animal_days_quiet": round(days), "farms_an_officer": FARMS_AN_OFFICER, "heat_day_alerts": heat,
            "false_theft_escape_death": loss, "false_health": health,
            "false_theft_escape_death_at_most": _bound(loss, days, 1_000),
            "false_health_at_most": _bound(health, days, 1_000),
            "broken_quiet": sorted({f"{p.scenario} {p.seed}: {b}" for p in plays for b in p.broken}),
            "missed": [f"{p.scenario} {p.seed}: {t[0]} ({t[1]} {t[2].word})" for p in plays for t in p.truths
                       if t[4] is None and t[1] not in ANIMAL_RULES],
            "false_by_rule_quiet": _counted(f"{r[0]} {r[3].word} {r[2]}" for r in false),
            "not_registered": [n for n in NUMBERS if n not in NUMBER.values()],
            "scenarios": {name: _scenario([p for p in plays if p.scenario == name])
                          for name in sorted({p.scenario for p in plays})},
            "by_size": _by_size(plays),
        },
    }  # fmt: skip


def failures(result: dict[str, Any]) -> list[str]:
    """Which targets do not hold, in words; none when all do."""
    red, extras = result["red"], result["extras"]
    checks = [
        (red["recall"] != 1.0, f"red recall is {red['recall']}, not 1.0"),
        (red["false"] > 0, f"{red['false']} red in {red['quiet_farm_months']} quiet farm-months"),
        (not red["two_witnesses"], "a red finding rested on one witness"),
        (result["false_theft_escape_death_per_1000_animal_days"] > MOST_LOSS,
         f"false theft, escape, death: {result['false_theft_escape_death_per_1000_animal_days']} > {MOST_LOSS}"),
        (result["false_health_per_1000_animal_days"] > MOST_HEALTH,
         f"false health at the bank: {result['false_health_per_1000_animal_days']} > {MOST_HEALTH}"),
        (result["heat_day_ratio"] > MOST_HEAT, f"heat day: {result['heat_day_ratio']} > {MOST_HEAT}"),
        (bool(extras["broken_quiet"]), f"not quiet: {extras['broken_quiet'][:8]}"),
        (bool(extras["missed"]), f"missed or late: {len(extras['missed'])}: {extras['missed'][:12]}"),
    ]  # fmt: skip
    return [words for failed, words in checks if failed]


def _rule(number: str, plays: Sequence[Summary], quiet: Sequence[Summary], days: float) -> dict[str, Any]:
    truths = [t for p in plays for t in p.truths if t[1] == number]
    raised = [r for p in plays for r in p.raised if r[1] == number]
    met = [t for t in truths if t[4] is not None]
    in_quiet = [r for p in quiet for r in p.raised if r[1] == number]
    return {
        "truth": len(truths), "raised": len(raised), "precision": _share(sum(r[4] for r in raised), len(raised)),
        "recall": _share(len(met), len(truths)), "delay_s": _quantiles([t[4] for t in met]),
        "per_1000_animal_days": _per(len(in_quiet), days), "since_start_s": _quantiles([t[5] for t in met]),
        "false_per_1000_animal_days": _per(sum(not r[4] for r in in_quiet), days),
    }  # fmt: skip


def _scenario(plays: Sequence[Summary]) -> dict[str, Any]:
    truths = [t for p in plays for t in p.truths if t[1] not in ANIMAL_RULES]
    return {
        "plays": len(plays), "truth": len(truths), "told": sum(t[4] is not None for t in truths),
        "raised_without_cause": sum(not r[4] and r[2] == Audience.BANK for p in plays for r in p.raised),
        "delay_s": _quantiles([t[4] for t in truths if t[4] is not None]),
        "ticks": sum(p.ticks for p in plays), "took_s": round(sum(p.took_s for p in plays), 1),
    }  # fmt: skip


def _by_size(plays: Sequence[Summary]) -> dict[str, Any]:
    """Recall of what had to be told by the size of the farm."""
    found = {}
    for low, high in ((0, 700), (700, 2_000), (2_000, 10**9)):
        truths = [
            t for p in plays if low <= p.head < high and not p.quiet for t in p.truths if t[1] not in ANIMAL_RULES
        ]
        name = f"{low}-{high - 1}" if high < 10**9 else f"{low} and more"
        found[name] = {"truth": len(truths), "recall": _share(sum(t[4] is not None for t in truths), len(truths)),
                       "most_head": max((p.head for p in plays if low <= p.head < high), default=0)}  # fmt: skip
    return found


def _counted(words: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for word in words:
        found[word] = found.get(word, 0) + 1
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def _quantiles(values: Sequence[float | None]) -> dict[str, float | None]:
    known = [v for v in values if v is not None]
    if not known:
        return {"p50": None, "p95": None}
    return {"p50": round(float(np.quantile(known, 0.5)), 1), "p95": round(float(np.quantile(known, 0.95)), 1)}


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _per(events: int, days: float) -> float:
    return _round(1_000 * events / days) if days else 0.0


def _ratio(heat: float, ordinary: float) -> float:
    """1 when nothing is said on either day."""
    return 1.0 if heat == ordinary else _round(heat / max(ordinary, 1.0))


def _round(value: float) -> float:
    return float(f"{value:.4g}")


def _bound(events: int, exposure: float, per: float = 1.0) -> float | None:
    """Upper 95 % bound of a rate; None where nothing was watched."""
    return _round(per * at_most(events, exposure)) if exposure else None
