"""Insurance that ends, covers too few, or does not pay the bank first (R21)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from collateral.anomaly.lending.papers import begin_of, finding
from collateral.facts.loan import InsurancePolicy, LoanFacts
from collateral.model.finding import Finding, Severity
from collateral.model.herd import Species


@dataclass(frozen=True, slots=True, kw_only=True)
class InsuranceGapLimits:
    """Days before the end of cover at which blue and yellow begin (R21)."""

    blue_days: int = 30
    yellow_days: int = 7


LIMITS = InsuranceGapLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """How one species of a loan is insured: `until` is the last day covered without a break."""

    species: Species
    pledged: int
    insured: int
    until: date
    pays_bank: bool


def insurance_gap(facts: LoanFacts, limits: InsuranceGapLimits = LIMITS) -> list[Finding]:
    """The insurance of pledged animals ends soon or has lapsed, covers fewer head than pledged, or pays another first.

    Cause: an unpaid premium, animals added after the policy, a policy made out to somebody else. Denominator: pledged
    head per species. Window: the last day of unbroken cover, 30 and 7 days ahead. Minimum sample: one policy on record
    for the loan; without any nothing is known. Suppressed: a policy that follows without a break. Blue from 30 days,
    yellow from 7 days before the end; orange when fewer are insured than pledged or the bank is not first beneficiary
    (第一受益人); red when lapsed and the herd is evidenced as still standing, else orange. Source: R21.
    """
    if not facts.policies:
        return []
    on = facts.as_of.date()
    judged = [(level, cover) for cover in covers(facts, on) if (level := _level(cover, on, limits)) is not None]
    if not judged:
        return []
    severity = max(level for level, _ in judged)
    first = min((cover for level, cover in judged if level is severity), key=lambda cover: cover.until)
    since = begin_of(first.until + timedelta(days=1)) if first.until < on else facts.as_of
    return [finding("insurance_gap", facts, severity, since, {"species": [_figures(c, on) for _, c in judged]})]


def covers(facts: LoanFacts, on: date) -> list[Cover]:
    """How each pledged species is insured on a day."""
    pledged: dict[Species, int] = {}
    for line in facts.lines:
        pledged[line.species] = pledged.get(line.species, 0) + line.head
    return [_cover(species, head, facts.policies, on) for species, head in sorted(pledged.items()) if head]


def _cover(species: Species, pledged: int, policies: tuple[InsurancePolicy, ...], on: date) -> Cover:
    own = [p for p in policies if p.covers(species)]
    standing = [p for p in own if p.is_in_force(on)]
    return Cover(
        species=species, pledged=pledged, insured=sum(p.insured_head for p in standing), until=_until(own, on),
        pays_bank=all(p.bank_is_first_beneficiary for p in standing),
    )  # fmt: skip


def _until(policies: list[InsurancePolicy], on: date) -> date:
    """The last day that is covered without a break from `on`, else the last that was."""
    ended = [p.ends_on for p in policies if p.ends_on < on]
    until = max(ended, default=on - timedelta(days=1))
    for policy in sorted(policies, key=lambda p: p.begins_on):
        if policy.ends_on >= on and policy.begins_on <= max(until + timedelta(days=1), on):
            until = max(until, policy.ends_on)
    return until


def _level(cover: Cover, on: date, limits: InsuranceGapLimits) -> Severity | None:
    left = (cover.until - on).days
    if left < 0:
        return Severity.RED
    if cover.insured < cover.pledged or not cover.pays_bank:
        return Severity.ORANGE
    if left <= limits.yellow_days:
        return Severity.YELLOW
    return Severity.BLUE if left <= limits.blue_days else None


def _figures(cover: Cover, on: date) -> dict[str, object]:
    return {
        "species": str(cover.species), "pledged": cover.pledged, "insured": cover.insured,
        "covered_until": cover.until.isoformat(), "days_left": (cover.until - on).days, "pays_bank": cover.pays_bank,
    }  # fmt: skip
