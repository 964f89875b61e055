"""Oestrus and calving (R17): a change of the asset, and a fever that is none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from collateral.anomaly.health.loans import by_loan
from collateral.anomaly.health.vitals import Flags, Vitals, vitals_of
from collateral.facts.herd import HerdFacts
from collateral.model.finding import Audience, Finding, Severity, Testimony, Witness
from collateral.model.herd import Species


@dataclass(frozen=True, slots=True, kw_only=True)
class BreedingLimits:
    """`oestrus_share`: rise over own activity in 6 h: 35 of 38 (threshold 35, anomaly.md). `calving_share`: 20 of 38
    (a rise of 20 within 36 h in 32 of 67 calvings), with `rumination_share` less chewing over the day [I]."""

    oestrus_share: float = 0.92
    calving_share: float = 0.53
    rumination_share: float = 0.40


LIMITS = BreedingLimits()


def oestrus(facts: HerdFacts, limits: BreedingLimits = LIMITS) -> list[Finding]:
    """Cows that move far more than is their habit and their herd's, for hours.

    Cause: oestrus. Denominator: cows with a known habit. Window: the highest 6 h of the last 48 h. Minimum sample: 4 of
    the 6 h measured. Suppressed: never; it suppresses fever, low activity and outbreak (R13) for the animal. Blue, to
    the farm only. Source: R17; threshold and length of anomaly.md (median 8 h).
    """
    vitals = vitals_of(facts)
    if vitals is None:
        return []
    return _findings(facts, "oestrus", vitals, in_oestrus(facts, vitals, limits))


def calving(facts: HerdFacts, limits: BreedingLimits = LIMITS) -> list[Finding]:
    """Cows that are restless and chew less at the same time, short of oestrus.

    Cause: calving. Denominator: cows with a known habit. Window: the highest 6 h of the last 48 h, and rumination of
    the last 24 h. Minimum sample: 4 of the 6 h measured. Suppressed: heat, which takes the chewing too; it suppresses
    fever, low activity and outbreak (R13) for the animal. Blue, to the farm only. Source: R17; calving response of
    anomaly.md.
    """
    vitals = vitals_of(facts)
    if vitals is None:
        return []
    return _findings(facts, "calving", vitals, is_calving(facts, vitals, limits))


def in_oestrus(facts: HerdFacts, vitals: Vitals, limits: BreedingLimits = LIMITS) -> Flags:
    """Which animals are, (animals,)."""
    return _cows(facts) & (vitals.roused_share >= limits.oestrus_share)


def is_calving(facts: HerdFacts, vitals: Vitals, limits: BreedingLimits = LIMITS) -> Flags:
    """Which animals are, (animals,)."""
    if vitals.is_hot:
        return np.zeros(len(facts.tracks), np.bool_)
    restless = (vitals.roused_share >= limits.calving_share) & (vitals.roused_share < limits.oestrus_share)
    return _cows(facts) & restless & (vitals.rumination_share <= -limits.rumination_share)


def is_breeding(facts: HerdFacts, vitals: Vitals) -> Flags:
    """Animals whose warmth and restlessness is no illness."""
    return in_oestrus(facts, vitals) | is_calving(facts, vitals)


def _cows(facts: HerdFacts) -> Flags:
    return np.fromiter((t.pen.species is Species.CATTLE for t in facts.tracks), np.bool_, len(facts.tracks))


def _findings(facts: HerdFacts, rule: str, vitals: Vitals, found: Flags) -> list[Finding]:
    since = facts.series.ends_at if facts.series else facts.as_of
    findings = []
    for loan, rows in by_loan(facts, np.nonzero(found)[0]).items():
        figures = {"animals": len(rows), "highest_share": round(float(vitals.roused_share[rows].max()), 2)}
        findings.append(
            Finding(
                rule=rule, severity=Severity.BLUE, farm_id=facts.farm.farm_id, loan_id=loan,
                subject=loan or facts.farm.farm_id, as_of=facts.as_of, since=since,
                animals=tuple(facts.tracks[row].animal_id for row in rows),
                testimonies=(Testimony(witness=Witness.TAG, since=since, particulars=figures),), figures=figures,
                audience=Audience.FARM,
            )
        )  # fmt: skip
    return findings
