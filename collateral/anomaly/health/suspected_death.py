"""Deaths that a tag shows or a farm reports, until photo, ear tag and disposal record have been seen (R11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from collateral.anomaly.health.loans import by_loan
from collateral.anomaly.health.signs_of_death import LIMITS, DeathLimits, seems_dead, still_since
from collateral.facts.events import Death
from collateral.facts.herd import HerdFacts
from collateral.model.finding import Audience, Finding, Severity, Testimony, Witness
from collateral.model.ids import AnimalId, LoanId


@dataclass(frozen=True, slots=True)
class OpenDeath:
    """One death that is not settled: `since` it was shown or reported. `animal_id` None: one of a group."""

    animal_id: AnimalId | None
    since: datetime
    shown_by_tag: bool
    is_reported: bool
    repeats_photo: bool = False


def suspected_death(facts: HerdFacts, limits: DeathLimits = LIMITS) -> list[Finding]:
    """Animals that seem dead, and reported deaths whose papers are not complete.

    Cause: death; a death kept quiet to keep its value in the book; one carcass shown twice. Denominator: tagged animals
    with steps measured. Window: 4 h without a step and cooled by 3 degC below habit and herd, or 72 h without a stir.
    Minimum sample: four of five hours for stillness, two of three for temperature. Suppressed: confirmed deaths,
    approved movements, tags whose contact is open. Blue within 24 h, yellow after it or from three at once, orange
    after 48 h or with three overdue, or when a carcass photo repeats an earlier one. Source: R11; grades within R11's
    blue and yellow, and orange, [I].
    """
    found = _shown(facts, limits)
    for loan, reported in _reported(facts).items():
        found[loan] = [*found.get(loan, []), *reported]
    return [_finding(facts, loan, found[loan], limits) for loan in sorted(found, key=lambda loan: loan or "")]


def _shown(facts: HerdFacts, limits: DeathLimits) -> dict[LoanId | None, list[OpenDeath]]:
    """By tags, of animals whose death nobody has reported."""
    series = facts.series
    if series is None:
        return {}
    reported = {d.animal_id for d in facts.deaths if d.reported_at <= facts.as_of}
    rows = [
        int(row) for row in np.nonzero(seems_dead(facts, limits))[0]
        if facts.tracks[row].animal_id not in reported and not facts.may_leave(facts.tracks[row].animal_id)
    ]  # fmt: skip
    return {
        loan: [
            OpenDeath(facts.tracks[row].animal_id, series.begins(still_since(series, row)), True, False) for row in own
        ]
        for loan, own in by_loan(facts, rows).items()
    }


def _reported(facts: HerdFacts) -> dict[LoanId | None, list[OpenDeath]]:
    """By people, with papers that are missing or were shown before."""
    known = sorted((d for d in facts.deaths if d.reported_at <= facts.as_of), key=lambda d: d.reported_at)
    photos: set[str] = set()
    found: dict[LoanId | None, list[OpenDeath]] = {}
    for death in known:
        repeats = death.carcass_sha256 in photos
        if death.carcass_sha256:
            photos.add(death.carcass_sha256)
        if repeats or not _is_settled(death, facts.as_of):
            one = OpenDeath(death.animal_id, death.reported_at, False, True, repeats)
            found.setdefault(death.loan_id, []).append(one)
    return found


def _is_settled(death: Death, as_of: datetime) -> bool:
    """Confirmed by now, or all papers are there to be confirmed."""
    confirmed = death.confirmed_at is not None and death.confirmed_at <= as_of
    return confirmed or bool(death.carcass_sha256 and death.disposal_ref)


def _severity(deaths: list[OpenDeath], as_of: datetime, limits: DeathLimits) -> Severity:
    overdue = sum(as_of - d.since > timedelta(hours=limits.report_h) for d in deaths)
    grave = any(as_of - d.since > timedelta(hours=limits.grave_h) for d in deaths)
    if grave or overdue >= limits.several or any(d.repeats_photo for d in deaths):
        return Severity.ORANGE
    return Severity.YELLOW if overdue or len(deaths) >= limits.several else Severity.BLUE


def _finding(facts: HerdFacts, loan: LoanId | None, deaths: list[OpenDeath], limits: DeathLimits) -> Finding:
    since = min(d.since for d in deaths)
    overdue = [d for d in deaths if facts.as_of - d.since > timedelta(hours=limits.report_h)]
    figures = {
        "suspected": sum(d.shown_by_tag for d in deaths), "unreported_overdue": sum(not d.is_reported for d in overdue),
        "papers_overdue": sum(d.is_reported for d in overdue), "photos_repeated": sum(d.repeats_photo for d in deaths),
        "oldest_h": round((facts.as_of - since) / timedelta(hours=1), 1),
    }  # fmt: skip
    witnesses = [
        (Witness.TAG, [d for d in deaths if d.shown_by_tag]), (Witness.DOCUMENT, [d for d in deaths if d.is_reported]),
    ]  # fmt: skip
    return Finding(
        rule="suspected_death", severity=_severity(deaths, facts.as_of, limits), farm_id=facts.farm.farm_id,
        loan_id=loan, subject=loan or facts.farm.farm_id, as_of=facts.as_of, since=since,
        animals=tuple(dict.fromkeys(d.animal_id for d in deaths if d.animal_id)),
        testimonies=tuple(
            Testimony(witness=w, since=min(d.since for d in own), particulars={"deaths": len(own)})
            for w, own in witnesses if own
        ),
        figures=figures, audience=Audience.BANK if loan else Audience.FARM,
    )  # fmt: skip
