"""What the rules about money and papers share: who testifies, and whether red is proved.

A paper is one witness, however many papers there are. What makes a lapse grave is that animals still stand behind the
loan, so the second witness is the herd itself: heard by its tags, or counted by a camera, in the newest
reconciliation. Where the herd does not testify, the same matter is orange.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from collateral.facts.loan import LoanFacts
from collateral.model.finding import Finding, Severity, Testimony, Witness

HERD_STANDS_FROM = 0.80  # of the book, heard or counted; with less the value is only the book's word [I]


def finding(rule: str, facts: LoanFacts, severity: Severity, since: datetime, figures: dict[str, Any]) -> Finding:
    """A finding about a loan's papers; red only when the herd testifies too, else orange."""
    herd = herd_stands(facts) if severity is Severity.RED else None
    if severity is Severity.RED and herd is None:
        severity = Severity.ORANGE
    paper = Testimony(witness=Witness.DOCUMENT, since=since, particulars=figures)
    return Finding(
        rule=rule, severity=severity, farm_id=facts.farms[0], loan_id=facts.loan.loan_id, subject=facts.loan.loan_id,
        as_of=facts.as_of, since=since, testimonies=(paper, herd) if herd else (paper,), figures=figures,
    )  # fmt: skip


def herd_stands(facts: LoanFacts) -> Testimony | None:
    """What the herd itself says: most of it was there at the newest reconciliation. None: it does not say so."""
    herd = facts.herd
    if herd is None or not herd.book or herd.coverage < HERD_STANDS_FROM:
        return None
    by_tag = herd.tags_seen > 0
    if not by_tag and herd.camera_head is None:
        return None
    said = {"book": herd.book, "tags_seen": herd.tags_seen, "camera": herd.camera_head, "coverage": herd.coverage}
    return Testimony(witness=Witness.TAG if by_tag else Witness.CAMERA, since=herd.as_of, particulars=said)


def begin_of(day: date) -> datetime:
    """The first moment of a day, UTC."""
    return datetime.combine(day, time(), UTC)
