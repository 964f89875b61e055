"""Animals that left their fence, one by one (R1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from collateral.anomaly.approved import left_with_leave, under_way
from collateral.anomaly.night import is_night
from collateral.facts.geometry import metres_between, metres_outside
from collateral.facts.herd import HerdFacts, Track
from collateral.facts.outside import margin_m
from collateral.model.finding import Finding, Severity, Testimony, Witness
from collateral.model.ids import LoanId
from collateral.model.loan import Movement
from collateral.model.reading import Fix


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftFenceLimits:
    """`lorry_kmh`: faster is no walking animal (R1). `several`: so many outside at once are graver [I]. `alone`: fixes
    outside that one animal needs when nothing else speaks for it (two to three, anomaly.md). `together_min`: minutes
    within which animals of one pen leave together (R2). `driven_share`: a tag that reports sooner than this share of
    its interval has noticed that its wearer is driven [I]."""

    lorry_kmh: float = 30.0
    several: int = 3
    alone: int = 3
    together_min: float = 60.0
    driven_share: float = 0.5


LIMITS = LeftFenceLimits()


def left_fence(facts: HerdFacts, limits: LeftFenceLimits = LIMITS) -> list[Finding]:
    """Pledged animals with two consecutive fixes outside their fence, buffer and fix error allowed for.

    Cause: open gate, broken fence, theft of a few. Denominator: tagged pledged head of the loan. Window: the
    newest fixes. Minimum sample: two consecutive fixes of an animal that is driven, moves at lorry speed, or left with
    two others of its pen; three of an animal on its own, each beyond the worst error that its tag has lately told,
    because a receiver errs twice running more often than an animal gets out. Suppressed: approved movements; a group
    removal that names the same animals. Orange when three or more are out, one moves at lorry speed, or they go along
    with an approved movement without being on its list. Source: R1, with the margins and the two to three fixes of
    anomaly.md.
    """
    findings = []
    for loan in facts.loans:
        out = certain([t for t in facts.of_loan[loan] if t.is_outside and not _with_leave(facts, t)], limits)
        if out:
            findings.append(_finding(facts, loan, out, limits))
    return findings


def crossed_at(track: Track) -> Fix:
    """The fix that made it certain: the second of the run outside."""
    return track.outside_run[1]


def certain(out: list[Track], limits: LeftFenceLimits = LIMITS) -> list[Track]:
    """Of animals with two fixes outside those that noise does not explain."""
    sure: list[Track] = []
    doubtful: list[Track] = []
    for track in out:
        (sure if _stands_alone(track, limits) else doubtful).append(track)
    return sure + [t for t in doubtful if _company(t, out, limits) >= limits.several]


def _with_leave(facts: HerdFacts, track: Track) -> bool:
    return left_with_leave(facts, track.animal_id, crossed_at(track).measured_at)


def _stands_alone(track: Track, limits: LeftFenceLimits) -> bool:
    run = track.outside_run
    if _fastest(track) * 3.6 > limits.lorry_kmh:
        return True
    if not _is_far(track, limits):
        return False
    if len(run) >= limits.alone:
        return True
    return run[-1].measured_at - run[-2].measured_at < timedelta(seconds=limits.driven_share * track.interval_s)


def _is_far(track: Track, limits: LeftFenceLimits) -> bool:
    """Whether its newest fixes lie outside even by the worst error that its tag has lately told: a receiver that errs
    for hours believes for hours that it does not."""
    worst = max((f.error_m for f in track.fixes if f.error_m is not None), default=None)
    newest = track.outside_run[-limits.alone :]
    return all(metres_outside(track.pen.fence, fix.position) > margin_m(worst) for fix in newest)


def _company(track: Track, out: list[Track], limits: LeftFenceLimits) -> int:
    """How many of its pen left with an animal, itself included."""
    when, together = crossed_at(track).measured_at, timedelta(minutes=limits.together_min)
    return sum(t.pen.pen_id == track.pen.pen_id and abs(crossed_at(t).measured_at - when) <= together for t in out)


def _finding(facts: HerdFacts, loan: LoanId, out: list[Track], limits: LeftFenceLimits) -> Finding:
    since = min(crossed_at(t).measured_at for t in out)
    fastest = max(_fastest(t) for t in out)
    along_with = _along_with(facts, loan, out)
    graver = len(out) >= limits.several or fastest * 3.6 > limits.lorry_kmh or bool(along_with)
    figures = {
        "outside": len(out), "fastest_kmh": round(fastest * 3.6, 1), "night": is_night(facts.farm, since),
        "farthest_m": round(max(metres_outside(t.pen.fence, t.outside_run[-1].position) for t in out)),
    }  # fmt: skip
    testimonies = [Testimony(witness=Witness.TAG, since=since, particulars=figures)]
    if along_with:
        testimonies.append(_papers_say(along_with))
    return Finding(
        rule="left_fence", severity=Severity.ORANGE if graver else Severity.YELLOW, farm_id=facts.farm.farm_id,
        loan_id=loan, subject=loan, as_of=facts.as_of, since=since, animals=tuple(t.animal_id for t in out),
        testimonies=tuple(testimonies), figures=figures,
    )  # fmt: skip


def _along_with(facts: HerdFacts, loan: LoanId, out: list[Track]) -> tuple[Movement, ...]:
    """The approved movements during which they left although they are not on the list."""
    found = {m.movement_id: m for t in out for m in under_way(facts, loan, crossed_at(t).measured_at)}
    return tuple(found[name] for name in sorted(found))


def _papers_say(movements: tuple[Movement, ...]) -> Testimony:
    particulars = {
        "movements": [m.movement_id for m in movements], "approved": sum(m.head for m in movements),
    }  # fmt: skip
    return Testimony(witness=Witness.DOCUMENT, since=min(m.start for m in movements), particulars=particulars)


def _fastest(track: Track) -> float:
    """The highest speed away from the fence between consecutive fixes outside, in m/s. What jumps to and fro is the
    receiver's error."""
    run, fence = track.outside_run, track.pen.fence
    away = [(a, b) for a, b in pairwise(run) if metres_outside(fence, b.position) > metres_outside(fence, a.position)]
    return max((_speed(a, b) for a, b in away), default=0.0)


def _speed(a: Fix, b: Fix) -> float:
    seconds = (b.measured_at - a.measured_at).total_seconds()
    return metres_between(a.position, b.position) / seconds if seconds >= 60 else 0.0
