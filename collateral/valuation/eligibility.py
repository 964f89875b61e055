"""Which pledged animals do not count towards the borrowing base, each for the first reason that applies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from collateral.facts.loan import Ineligible, IneligibleSum, InsurancePolicy
from collateral.model.herd import AnimalStatus
from collateral.valuation.terms import TERMS, ValuationTerms
from collateral.valuation.worth import Standing, Worth

ORDER = {reason: place for place, reason in enumerate(Ineligible)}
DAYS_PER_MONTH = 30.44

HELD_BY_RULE: dict[str, Ineligible] = {
    "R1": Ineligible.MISSING,
    "R2": Ineligible.MISSING,
    "R4": Ineligible.DISPUTED,
    "R7": Ineligible.DISPUTED,
    "R8": Ineligible.TAMPERED,
    "R9": Ineligible.CLONED,
    "R10": Ineligible.FOREIGN,  # its tag is on another animal
    "R11": Ineligible.DEAD_UNCONFIRMED,
    "R13": Ineligible.DISEASED,
}
"""What an animal that an unresolved case names does not count for, by the number of the case's rule."""

HELD_BY_STATUS: dict[AnimalStatus, Ineligible] = {
    AnimalStatus.DEAD: Ineligible.GONE,
    AnimalStatus.SOLD: Ineligible.GONE,
    AnimalStatus.SUBSTITUTED: Ineligible.GONE,
    AnimalStatus.MISSING: Ineligible.MISSING,
    AnimalStatus.DISPUTED: Ineligible.DISPUTED,
}


@dataclass(frozen=True, slots=True)
class Exclusion:
    """`head` of an animal or group that do not count, and why; of a group it may be a part."""

    worth: Worth
    reason: Ineligible
    head: int

    @property
    def value_minor(self) -> int:
        return self.head * self.worth.per_head_minor


def exclusions(
    worths: Iterable[Worth], policies: Sequence[InsurancePolicy], as_of: datetime, terms: ValuationTerms = TERMS
) -> list[Exclusion]:
    """Everything that does not count. Where no policy was ever on record, nothing is known about insurance."""
    found, counting = [], []
    for worth in worths:
        reason = first_reason(worth.standing, as_of, terms)
        if reason is None:
            counting.append(worth)
        else:
            found.append(Exclusion(worth, reason, worth.standing.head))
    return found + (_uninsured(counting, policies, as_of) if policies else [])


def first_reason(standing: Standing, as_of: datetime, terms: ValuationTerms = TERMS) -> Ineligible | None:
    """The first reason, in the order of `Ineligible`, that one animal or group does not count; insurance aside."""
    against = set(standing.held)
    if not standing.is_group and not standing.has_tag:
        against.add(Ineligible.UNTAGGED)
    if standing.seen_at is None or as_of - standing.seen_at > timedelta(hours=terms.unseen_h):
        against.add(Ineligible.UNSEEN)
    if standing.born is not None:
        months = (as_of.date() - standing.born).days / DAYS_PER_MONTH
        if months > terms.most_months(standing.species):
            against.add(Ineligible.OVER_AGE)
    return min(against, key=ORDER.__getitem__, default=None)


def sums(excluded: Iterable[Exclusion]) -> tuple[IneligibleSum, ...]:
    """Head and value per reason, in the order of `Ineligible`; reasons that apply to none are left out."""
    head: dict[Ineligible, int] = {}
    value: dict[Ineligible, int] = {}
    for one in excluded:
        head[one.reason] = head.get(one.reason, 0) + one.head
        value[one.reason] = value.get(one.reason, 0) + one.value_minor
    return tuple(
        IneligibleSum(reason=r, head=head[r], value_minor=value[r]) for r in sorted(head, key=ORDER.__getitem__)
    )


def _uninsured(worths: list[Worth], policies: Sequence[InsurancePolicy], as_of: datetime) -> list[Exclusion]:
    """Head beyond those that policies in force cover. A policy insures a number, not animals: by convention the
    dearest are insured last, so that what is left over is never valued too low."""
    left = {p.policy_no: p.insured_head for p in policies if p.is_in_force(as_of.date())}
    # Policies for one species first: those for any can still cover the others.
    ordered = sorted((p for p in policies if p.policy_no in left), key=lambda p: (p.species is None, p.policy_no))
    found = []
    for worth in sorted(worths, key=lambda w: (w.per_head_minor, w.standing.key)):
        bare = worth.standing.head
        for policy in ordered:
            if policy.covers(worth.standing.species):
                used = min(bare, left[policy.policy_no])
                left[policy.policy_no] -= used
                bare -= used
        if bare:
            found.append(Exclusion(worth, Ineligible.UNINSURED, bare))
    return found
