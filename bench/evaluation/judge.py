"""Findings against the truth: what was right, what was false, what was missed, and how long it took. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bench.evaluation.record import ANIMAL_RULES, Raised
from bench.evaluation.truth import Need, Quiet, Script, Truth
from collateral.model.finding import Finding, Severity


@dataclass(frozen=True, slots=True)
class Judged:
    """One truth that had to be told. `delay_s`: from its decisive moment; None: never, too late or too mild."""

    truth: Truth
    delay_s: float | None

    @property
    def is_met(self) -> bool:
        return self.delay_s is not None


@dataclass
class Verdict:
    """One play judged. `right` and `false`: what was raised, with and without cause. `broken`: raised though it had to
    stay quiet."""

    truths: list[Judged] = field(default_factory=list)
    right: list[Raised] = field(default_factory=list)
    false: list[Raised] = field(default_factory=list)
    broken: list[tuple[Quiet, Raised]] = field(default_factory=list)


def judge(script: Script, cases: Sequence[Raised], namings: Sequence[Raised]) -> Verdict:
    """Match what was raised to what was so.

    Rules about single animals are judged by their namings; their cases count only for the desk's load.
    """
    raised = [c for c in cases if c.number not in ANIMAL_RULES] + list(namings)
    verdict = Verdict()
    for truth in script.truths:
        if truth.need is Need.MUST:
            verdict.truths.append(Judged(truth, delay_of(truth, raised)))
    for each in raised:
        (verdict.right if has_cause(each, script.truths) else verdict.false).append(each)
    verdict.broken = [(q, r) for q in script.quiets for r in raised if _breaks(q, r)]
    return verdict


def delay_of(truth: Truth, raised: Iterable[Raised]) -> float | None:
    """Seconds from the decisive moment until the first case that says so is grave enough; 0 when one already is."""
    reached = [
        max(0.0, at - truth.decisive_s)
        for r in raised
        if _speaks_of(r, truth) and truth.since_s < r.closed_s
        and (at := r.reached_s(truth.severity)) is not None and at <= truth.until_s
    ]  # fmt: skip
    best = min(reached, default=None)
    return best if best is not None and best <= truth.within_s else None


def has_cause(raised: Raised, truths: Iterable[Truth]) -> bool:
    """Whether some truth explains why this was opened, and so gravely."""
    return any(
        _speaks_of(raised, t) and t.since_s <= raised.opened_s <= t.until_s and raised.severity <= t.most
        for t in truths
    )


def _speaks_of(raised: Raised, truth: Truth) -> bool:
    if raised.number not in truth.rules or (truth.place is not None and truth.place not in {raised.place, raised.farm}):
        return False
    if raised.animal is not None:
        return not truth.animals or raised.animal in truth.animals
    return not truth.animals or bool(raised.named & truth.animals)


def _breaks(quiet: Quiet, raised: Raised) -> bool:
    if raised.number not in quiet.rules or (quiet.place is not None and quiet.place not in {raised.place, raised.farm}):
        return False
    return any(quiet.since_s <= at <= quiet.until_s and step >= quiet.from_severity for at, step in raised.steps)


def two_witnesses(findings: Iterable[Finding]) -> bool:
    """Whether every red finding rests on two kinds of evidence. `Finding` refuses others; this looks once more."""
    return all(len({t.witness for t in f.testimonies}) >= 2 for f in findings if f.severity is Severity.RED)


def at_most(events: int, exposure: float) -> float:
    """Upper 95 % bound of a rate after `events` in `exposure`: the rule of three for none, else Wilson-Hilferty's
    approximation to the Poisson bound."""
    if exposure <= 0:
        return float("inf")
    if events == 0:
        return 3.0 / exposure
    k = events + 1
    return k * (1 - 1 / (9 * k) + 1.645 / (3 * k**0.5)) ** 3 / exposure
