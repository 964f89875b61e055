"""Single animals that are ill (R13, its part for the farm): fever, and a day of low activity. No bank hears of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from collateral.anomaly.false_discovery import discoveries_by
from collateral.anomaly.health.breeding import is_breeding
from collateral.anomaly.health.loans import by_loan
from collateral.anomaly.health.vitals import Flags, Vitals, vitals_of
from collateral.facts.herd import HerdFacts
from collateral.facts.series import Floats
from collateral.model.finding import Audience, Finding, Severity, Testimony, Witness


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientLimits:
    """`fever_c`: degC above habit and herd, +0.8 is the published bolus rule (domain 2.3). `low_share`: activity under
    habit and herd, as a share [I]. `false_share`: of those named, so many may be healthy (anomaly.md)."""

    fever_c: float = 0.8
    low_share: float = 0.25
    false_share: float = 0.1


LIMITS = PatientLimits()


def fever(facts: HerdFacts, limits: PatientLimits = LIMITS) -> list[Finding]:
    """Animals warmer than their own habit and their herd.

    Cause: illness. Denominator: animals of one species on the farm with a known habit. Window: mean of the last 6 h.
    Minimum sample: 3 of them measured, eight mates or a known ambient. Suppressed: oestrus and calving; tags that were
    taken off or lie still; what the whole herd shares. Yellow, to the farm only: read as a daily test one animal's
    fever has a predictive value of about 1 % (domain 0.4). Source: R13, +0.8 degC of domain 2.3, false discovery rate
    of anomaly.md.
    """
    vitals = vitals_of(facts)
    if vitals is None:
        return []
    chances = fever_chances(vitals, is_breeding(facts, vitals), limits)
    found = discoveries_by(chances, vitals.herds.kind, vitals.herds.kinds, limits.false_share)
    return _findings(facts, "fever", Severity.YELLOW, found, vitals.fever_c, "highest_rise_c")


def low_activity(facts: HerdFacts, limits: PatientLimits = LIMITS) -> list[Finding]:
    """Animals that moved less over a day than is their own habit and their herd's.

    Cause: illness, lameness. Denominator: animals of one species on the farm with a known habit. Window: 24 h.
    Minimum sample: 12 of them measured. Suppressed: heat, which the whole herd answers to; oestrus and calving; tags
    that were taken off or lie still, or whose level is not of this herd. Blue, to the farm only. Source: R13 and
    anomaly.md (on real neck tags one false alert in 929 animal-days, none on days of -25 %).
    """
    vitals = vitals_of(facts)
    if vitals is None:
        return []
    chances = low_chances(vitals, is_breeding(facts, vitals), limits)
    found = discoveries_by(chances, vitals.herds.kind, vitals.herds.kinds, limits.false_share)
    return _findings(facts, "low_activity", Severity.BLUE, found, -vitals.activity_share, "deepest_share")


def fever_chances(vitals: Vitals, breeding: Flags, limits: PatientLimits = LIMITS) -> Floats:
    """The chance of each animal's warmth; 1 where the rise is too small to matter, NaN for nobody's."""
    chances = np.where(vitals.fever_c >= limits.fever_c, vitals.fever_chance, np.float32(1))
    chances[np.isnan(vitals.fever_chance) | vitals.unfit | breeding] = np.nan
    return chances


def low_chances(vitals: Vitals, breeding: Flags, limits: PatientLimits = LIMITS) -> Floats:
    """The chance of each animal's low activity; 1 where it is too small to matter or heat explains it."""
    low = (vitals.activity_share <= -limits.low_share) & (not vitals.is_hot)
    chances = np.where(low, vitals.low_chance, np.float32(1))
    chances[np.isnan(vitals.low_chance) | vitals.unfit | breeding] = np.nan
    return chances


def _findings(
    facts: HerdFacts, rule: str, severity: Severity, found: Flags, size: Floats, name: str
) -> list[Finding]:  # fmt: skip
    since = facts.series.ends_at if facts.series else facts.as_of
    findings = []
    for loan, rows in by_loan(facts, np.nonzero(found)[0]).items():
        figures = {"animals": len(rows), name: round(float(size[rows].max()), 2)}
        findings.append(
            Finding(
                rule=rule, severity=severity, farm_id=facts.farm.farm_id, loan_id=loan,
                subject=loan or facts.farm.farm_id, as_of=facts.as_of, since=since,
                animals=tuple(facts.tracks[row].animal_id for row in rows),
                testimonies=(Testimony(witness=Witness.TAG, since=since, particulars=figures),), figures=figures,
                audience=Audience.FARM,
            )
        )  # fmt: skip
    return findings
