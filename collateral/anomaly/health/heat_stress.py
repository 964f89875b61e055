"""Heat (R19): by temperature and humidity for cattle and sheep, by the dry bulb for pigs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from collateral.anomaly.health.weather import air_until, local_hours, thi
from collateral.facts.herd import HerdFacts
from collateral.facts.series import DAY_HOURS, Floats
from collateral.model.finding import Finding, Severity, Testimony, Witness
from collateral.model.herd import Species
from collateral.model.ids import LoanId

BACK_H = 2 * DAY_HOURS
LEAST_NIGHT_H = 18  # of the 24 night hours of two nights that must be known [I]
LEVELS = (Severity.BLUE, Severity.YELLOW, Severity.ORANGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatLimits:
    """THI from which heat is blue, yellow and orange (R19), and degC for pigs, whose grades have a gap from 28.1 to
    30.8 that stays yellow (domain 2.3). A level counts once it was held for `held_h` hours of the last 24, more than
    the 6 h that story A13 leaves one level lower; an emergency after `emergency_h` [I]. `recovery_thi`: a night without
    an hour at or below it gives no rest (R19), from `night_from_h` to `night_until_h` local time [I]."""

    blue_thi: float = 75.0
    yellow_thi: float = 79.0
    orange_thi: float = 84.0
    pig_blue_c: float = 24.0
    pig_yellow_c: float = 25.5
    pig_orange_c: float = 30.8
    held_h: int = 7
    emergency_h: int = 2
    recovery_thi: float = 74.0
    night_from_h: int = 20
    night_until_h: int = 8


LIMITS = HeatLimits()


def heat_stress(facts: HerdFacts, limits: HeatLimits = LIMITS) -> list[Finding]:
    """The air has been too hot for the herd for hours, or has given it no rest for two nights.

    Cause: weather, failed ventilation. Denominator: the farm's air, not its animals. Window: the last 24 h; two nights
    of 48 h for rest. Minimum sample: 7 h at a level (2 h for an emergency), 18 night hours measured. Suppressed: never;
    heat explains a feed stop (R18) and low activity (R13). Pigs have no night level. Source: R19, levels and formula of
    domain 2.3.
    """
    if facts.climate is None:
        return []
    ends_at = facts.as_of.replace(minute=0, second=0, microsecond=0)
    air, humidity = air_until(facts.climate, ends_at, BACK_H)
    index = thi(air, humidity)
    nights = _nights_without_rest(index, local_hours(facts.farm.timezone, ends_at, BACK_H), limits)
    findings = []
    for loan in facts.loans:
        if _are_pigs(facts, loan):
            level = _held(air, (limits.pig_blue_c, limits.pig_yellow_c, limits.pig_orange_c), limits)
            restless = False
        else:
            level = _held(index, (limits.blue_thi, limits.yellow_thi, limits.orange_thi), limits)
            restless = nights
        if level or restless:
            severity = LEVELS[min(level + restless, len(LEVELS)) - 1]
            findings.append(_finding(facts, loan, severity, air, index, restless=restless))
    return findings


def _held(values: Floats, levels: tuple[float, float, float], limits: HeatLimits) -> int:
    """The highest level held long enough in the last day: 0 for none."""
    day = values[-DAY_HOURS:]
    needed = (limits.held_h, limits.held_h, limits.emergency_h)
    return max(
        (n + 1 for n, (level, hours) in enumerate(zip(levels, needed, strict=True)) if np.sum(day >= level) >= hours),
        default=0,
    )


def _nights_without_rest(index: Floats, hour_of_day: np.ndarray, limits: HeatLimits) -> bool:
    night = (hour_of_day >= limits.night_from_h) | (hour_of_day < limits.night_until_h)
    known = index[night & np.isfinite(index)]
    return known.size >= LEAST_NIGHT_H and bool(known.min() > limits.recovery_thi)


def _are_pigs(facts: HerdFacts, loan: LoanId) -> bool:
    kinds = [t.pen.species for t in facts.of_loan[loan]] or [g.pen.species for g in facts.groups if g.loan_id == loan]
    return bool(kinds) and all(kind is Species.PIG for kind in kinds)


def _finding(
    facts: HerdFacts, loan: LoanId, severity: Severity, air: Floats, index: Floats, *, restless: bool
) -> Finding:  # fmt: skip
    figures = {
        "highest_thi": _rounded(index[-DAY_HOURS:]), "highest_c": _rounded(air[-DAY_HOURS:]),
        "nights_without_rest": restless, "head": len(facts.of_loan[loan]),
    }  # fmt: skip
    since = facts.as_of
    return Finding(
        rule="heat_stress", severity=severity, farm_id=facts.farm.farm_id, loan_id=loan, subject=facts.farm.farm_id,
        as_of=facts.as_of, since=since,
        testimonies=(Testimony(witness=Witness.PHYSICAL, since=since, particulars={"instrument": "thermometer"}),),
        figures=figures,
    )  # fmt: skip


def _rounded(values: Floats) -> float | None:
    known = values[np.isfinite(values)]
    return round(float(known.max()), 1) if known.size else None
