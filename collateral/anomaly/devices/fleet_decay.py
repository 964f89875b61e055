"""A fleet of tags that wears out: batteries, radio, and the coverage that will be left (R26)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from collateral.facts.herd import HerdFacts
from collateral.facts.series import Flags
from collateral.model.finding import Finding, Severity, Testimony, Witness
from collateral.model.ids import LoanId


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetDecayLimits:
    """`battery_pct`: below it a battery is weak; `rssi_db`: so much fainter than two weeks ago is, too; `blue`,
    `yellow`, `orange`: coverage below which the level holds (all R26). `sample`: fewer tags are no fleet [I]."""

    battery_pct: float = 20.0
    rssi_db: float = 8.0
    blue: float = 0.95
    yellow: float = 0.90
    orange: float = 0.80
    sample: int = 10


LIMITS = FleetDecayLimits()


def fleet_decay(facts: HerdFacts, limits: FleetDecayLimits = LIMITS) -> list[Finding]:
    """So many tags of a loan are weak or unheard that coverage falls below 95 % once the weak ones fail.

    Cause: old batteries, a gateway's aerial, growing trees, cheap tags. Denominator: tagged pledged head of the loan.
    Window: newest battery; mean RSSI of a day against the day two weeks before; heard within 24 hours. Minimum sample:
    ten tags, one of them weak: tags that only fell silent are `tag_silence`'s. Suppressed: tags under a silent gateway
    do not count as unheard. Source: R26.
    """
    series = facts.series
    if series is None:
        return []
    with np.errstate(invalid="ignore"):
        flat = series.battery_pct < limits.battery_pct
        faint = series.rssi_before_dbm - series.rssi_dbm >= limits.rssi_db
    if not (flat | faint).any():
        return []
    findings = []
    for loan in facts.loans:
        rows = np.fromiter((facts.row_of[t.animal_id] for t in facts.of_loan[loan] if t.tag_id), np.int64)
        finding = _finding(facts, loan, rows, flat, faint, limits) if rows.size >= limits.sample else None
        if finding:
            findings.append(finding)
    return findings


def _finding(
    facts: HerdFacts, loan: LoanId, rows: np.ndarray, flat: Flags, faint: Flags, limits: FleetDecayLimits
) -> Finding | None:
    weak = rows[flat[rows] | faint[rows]].tolist()
    unheard = [row for row in rows.tolist() if _unheard(facts, row)]
    left = 1 - len({*weak, *unheard}) / rows.size
    if not weak or left >= limits.blue:
        return None
    severity = Severity.ORANGE if left < limits.orange else Severity.YELLOW if left < limits.yellow else Severity.BLUE
    figures = {
        "tagged": int(rows.size), "battery": int(flat[rows].sum()), "radio": int(faint[rows].sum()),
        "unheard": len(unheard), "coverage_left": round(left, 4),
    }  # fmt: skip
    return Finding(
        rule="fleet_decay", severity=severity, farm_id=facts.farm.farm_id, loan_id=loan, subject=loan,
        as_of=facts.as_of, since=facts.as_of, animals=tuple(facts.tracks[row].animal_id for row in weak),
        testimonies=(Testimony(witness=Witness.TAG, since=facts.as_of, particulars=figures),), figures=figures,
    )  # fmt: skip


def _unheard(facts: HerdFacts, row: int) -> bool:
    track = facts.tracks[row]
    return track.gateway_id not in facts.silent_gateways and not track.is_evidenced(facts.as_of)
