"""The same animals pledged to another bank (R7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from collateral.facts.loan import LoanFacts
from collateral.model.finding import Finding, Severity, Testimony, Witness
from collateral.model.ids import AnimalId
from collateral.model.pledge_match import PledgeMatch


@dataclass(frozen=True, slots=True, kw_only=True)
class DoublePledgeLimits:
    """`heard_within_h`: an animal whose tag was heard so recently is there, and it is the one that both list."""

    heard_within_h: float = 24.0


LIMITS = DoublePledgeLimits()


def double_pledge(facts: LoanFacts, limits: DoublePledgeLimits = LIMITS) -> list[Finding]:
    """Another bank's list names ear tags or RFIDs that secure this loan, or the same farm and species at the same time.

    Cause: the borrower pledged the same animals twice, or sold them on to another borrower. Denominator: numbers of the
    loan's pledged animals. Window: the newest list of each partner. Minimum sample: one number that matches exactly.
    Suppressed: matches that two people have let pass. Red when a number matches and the animal's tag is heard, orange
    when a number matches and no tag speaks for it, yellow when only farm, species and time agree, which a person must
    look into. Source: R7; 24 h as for coverage.
    """
    matches = [m for m in facts.pledge_matches if not m.is_overridden]
    exact = [m for m in matches if m.is_exact]
    if not matches:
        return []
    heard = [m for m in exact if _is_heard(m, facts, limits)]
    severity = Severity.RED if heard else Severity.ORANGE if exact else Severity.YELLOW
    since = min(m.found_at for m in exact or matches)
    animals = tuple(AnimalId(subject) for subject in dict.fromkeys(m.subject for m in exact))
    figures = {
        "exact": len(animals), "heard": len({m.subject for m in heard}),
        "farms": sorted({m.subject for m in matches if not m.is_exact}),
        "partners": sorted({m.partner for m in matches}),
        "newest_list": max(m.listed_on for m in matches).isoformat(),
    }  # fmt: skip
    testimonies = [Testimony(witness=Witness.DOCUMENT, since=since, particulars=figures)]
    if heard:
        said = {"heard": figures["heard"], "last_heard_at": max(m.heard_at for m in heard if m.heard_at).isoformat()}
        testimonies.append(Testimony(witness=Witness.TAG, since=since, particulars=said))
    return [
        Finding(
            rule="double_pledge", severity=severity, farm_id=facts.farms[0], loan_id=facts.loan.loan_id,
            subject=facts.loan.loan_id, as_of=facts.as_of, since=since, animals=animals,
            testimonies=tuple(testimonies), figures=figures,
        )
    ]  # fmt: skip


def _is_heard(match: PledgeMatch, facts: LoanFacts, limits: DoublePledgeLimits) -> bool:
    return match.heard_at is not None and facts.as_of - match.heard_at <= timedelta(hours=limits.heard_within_h)
