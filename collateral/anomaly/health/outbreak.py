"""A herd or a house of which too many are ill at once (R13). Red needs somebody besides the tags to say so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import lgamma, log

import numpy as np

from collateral.anomaly.common_mode import LEAST_MATES, Herds, Ints
from collateral.anomaly.false_discovery import discoveries_by
from collateral.anomaly.health.breeding import is_breeding
from collateral.anomaly.health.loans import worth
from collateral.anomaly.health.lying import Rise, lying_rise
from collateral.anomaly.health.patients import PatientLimits, fever_chances, low_chances
from collateral.anomaly.health.vitals import Flags, Vitals, vitals_of
from collateral.facts.herd import HerdFacts
from collateral.facts.series import Floats
from collateral.model.finding import Finding, Severity, Testimony, Witness
from collateral.model.ids import LoanId, PenId

BEFORE_CHANCE = 0.05  # a day ago it was this likely to be healthy, so the fever is new [I]
CASE_CHANCE = 0.05  # once a house is ill, this is enough to count among the ill, as in any outbreak [I]
PAPERS = ("vet_diagnosis", "epidemic_report", "insurance_notice", "disposal_record")
"""诊断证明, 动物疫情报告, 保险报案, 无害化处理记录: what the bank asks for [I]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutbreakLimits:
    """`watch_share`, `alert_share` of a house or herd that is ill (R13: 5 %, 15 %), of `least_herd` head or more [I]
    and `least` ill ones. `new_fevers` in one pen within 24 h (R13). `chance`: how likely so many would be in a healthy
    herd, at most; looked at hourly in 20 pens that is once in six years [I]. `deaths` in the house within `deaths_days`
    bear witness beside the tags [I]."""

    watch_share: float = 0.05
    alert_share: float = 0.15
    least_herd: int = 20
    least: int = 3
    new_fevers: int = 3
    chance: float = 1e-6
    deaths: int = 2
    deaths_days: int = 7


LIMITS = OutbreakLimits()
PATIENTS = PatientLimits()


@dataclass(frozen=True, slots=True)
class Cluster:
    """A house, or all houses of one kind together, with its ill animals (rows of the series)."""

    pens: tuple[PenId, ...]
    head: int
    ill: tuple[int, ...]
    new_fevers: int
    severity: Severity

    @property
    def share(self) -> float:
        return len(self.ill) / self.head


def outbreak(facts: HerdFacts, limits: OutbreakLimits = LIMITS) -> list[Finding]:
    """Too large a share of a house or of the farm's herd has a fever or has slowed down, against habit and herd.

    Cause: contagious disease, poisoning, a house without air. Denominator: animals of the house, or of the species on
    the farm, whose vitals are known. Window: 6 h for fever, 24 h for activity and for what is new. Minimum sample: 20
    known animals and three ill ones, too many for chance; three new fevers in a pen of eight. Suppressed: what the
    whole herd shares; oestrus and calving; low activity in heat; tags that were taken off or lie still. Over 5 %
    yellow, over 15 % orange, and red when a camera saw lying rise or deaths were confirmed in the house. Source: R13.
    """
    vitals = vitals_of(facts)
    if vitals is None:
        return []
    clusters = _clusters(facts, vitals, limits)
    findings = []
    for loan in facts.loans if clusters else ():
        own = {t.pen.pen_id for t in facts.of_loan[loan]}
        touched = [c for c in clusters if own & set(c.pens)]
        if touched:
            findings.append(_finding(facts, loan, touched, limits))
    return findings


def _clusters(facts: HerdFacts, vitals: Vitals, limits: OutbreakLimits) -> list[Cluster]:
    """Every house and kind with more ill animals than chance allows."""
    breeding = is_breeding(facts, vitals)
    warm, slow = fever_chances(vitals, breeding, PATIENTS), low_chances(vitals, breeding, PATIENTS)
    chances = np.minimum(1, 2 * np.fmin(warm, slow)).astype(np.float32)
    new = np.where(vitals.fever_chance_before > BEFORE_CHANCE, warm, np.float32(1))
    new[np.isnan(warm)] = np.nan
    found = []
    for herd, herds in _herds(vitals.herds):
        ill = discoveries_by(chances, herd, herds)
        fevers = discoveries_by(new, herd, herds)
        for number in np.unique(herd[ill | fevers]):
            members = herd == number
            cluster = _cluster(facts, members, (chances, ill), (new, fevers), limits)
            if cluster:
                found.append(cluster)
    return found


def _herds(herds: Herds) -> list[tuple[Ints, int]]:
    """The groupings to look at: houses, and kinds where a kind has several houses."""
    if herds.pens == herds.kinds:
        return [(herds.pen, herds.pens)]
    return [(herds.pen, herds.pens), (herds.kind, herds.kinds)]


def _cluster(
    facts: HerdFacts, members: Flags, ill: tuple[Floats, Flags], new: tuple[Floats, Flags], limits: OutbreakLimits
) -> Cluster | None:
    head = int(np.count_nonzero(members & ~np.isnan(ill[0])))
    called = np.nonzero(members & ill[1])[0]
    rows = np.nonzero(members & (ill[1] | (ill[0] <= CASE_CHANCE)))[0]
    fevers = np.nonzero(members & new[1])[0]
    pens = tuple(dict.fromkeys(facts.tracks[row].pen.pen_id for row in np.nonzero(members)[0]))
    proved = head >= limits.least_herd and _too_many(ill[0], called, head, limits.least, limits)
    severity = _severity(len(rows) / head, limits) if proved else None
    # Three new fevers are a matter of one pen: over a whole farm they are ordinary.
    if severity is None and len(pens) == 1 and head >= LEAST_MATES:
        severity = Severity.YELLOW if _too_many(new[0], fevers, head, limits.new_fevers, limits) else None
    if severity is None:
        return None
    named = tuple(int(row) for row in np.union1d(rows, fevers))
    return Cluster(pens, head, named, len(fevers), severity)


def _severity(share: float, limits: OutbreakLimits) -> Severity | None:
    """By the tags alone."""
    if share > limits.alert_share:
        return Severity.ORANGE
    return Severity.YELLOW if share > limits.watch_share else None


def _too_many(chances: Floats, rows: Ints, head: int, least: int, limits: OutbreakLimits) -> bool:
    """Whether chance alone would hardly make so many so ill: C(head, k) p^k, p the chance of the least ill of the k."""
    count = len(rows)
    if count < least:
        return False
    rarest = max(float(chances[rows].max()), 1e-30)
    ways = lgamma(head + 1) - lgamma(count + 1) - lgamma(head - count + 1)
    return ways + count * log(rarest) <= log(limits.chance)


def _finding(facts: HerdFacts, loan: LoanId, clusters: list[Cluster], limits: OutbreakLimits) -> Finding:
    worst = max(clusters, key=lambda c: (c.severity, c.share))
    ends_at = facts.series.ends_at if facts.series else facts.as_of
    ill = sorted({row for c in clusters for row in c.ill if facts.tracks[row].loan_id == loan})
    houses = {pen for c in clusters for pen in c.pens if len(c.pens) == 1} or {pen for c in clusters for pen in c.pens}
    exposed = [facts.row_of[t.animal_id] for t in facts.of_loan[loan] if t.pen.pen_id in houses]
    witnesses = _others(facts, worst, limits)
    red = worst.severity is Severity.ORANGE and bool(witnesses)
    figures = {
        "ill": len(worst.ill), "head": worst.head, "share": round(worst.share, 4), "new_fevers": worst.new_fevers,
        "pens": sorted(houses), "affected_value_minor": worth(facts, ill), "exposed_value_minor": worth(facts, exposed),
        "insurers": [{"insurer": p.insurer, "policy_no": p.policy_no} for p in facts.policies.get(loan, ())],
        "papers": list(PAPERS),
    }  # fmt: skip
    tags = Testimony(witness=Witness.TAG, since=ends_at, particulars={"ill": len(worst.ill), "head": worst.head})
    return Finding(
        rule="outbreak", severity=Severity.RED if red else worst.severity, farm_id=facts.farm.farm_id, loan_id=loan,
        subject=",".join(sorted(houses)), as_of=facts.as_of, since=ends_at,
        animals=tuple(facts.tracks[row].animal_id for row in ill), testimonies=(tags, *witnesses), figures=figures,
    )  # fmt: skip


def _others(facts: HerdFacts, cluster: Cluster, limits: OutbreakLimits) -> list[Testimony]:
    """Who besides the tags says that these houses are ill."""
    rises = [rise for pen in cluster.pens if (rise := lying_rise(facts, pen))]
    dead = [
        d for d in facts.deaths
        if d.confirmed_at is not None and d.confirmed_at <= facts.as_of and d.pen_id in cluster.pens
        and facts.as_of - d.died_at <= timedelta(days=limits.deaths_days)
    ]  # fmt: skip
    found = [_camera(rise) for rise in rises]
    if len(dead) >= limits.deaths:
        since = max(d.confirmed_at for d in dead if d.confirmed_at)
        found.append(Testimony(witness=Witness.DOCUMENT, since=since, particulars={"deaths": len(dead)}))
    return found


def _camera(rise: Rise) -> Testimony:
    particulars = {
        "camera": rise.camera_id, "lying_before": round(rise.before, 3), "lying_now": round(rise.now, 3),
        "frames": list(rise.frames),
    }  # fmt: skip
    return Testimony(witness=Witness.CAMERA, since=rise.since, particulars=particulars)
