"""The borrowing base of one loan (domain 3.6): class lines, what does not count, what may be drawn. Its figures have
canonical bytes, whose SHA-256 says whether two certificates are the same."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collateral.facts.loan import ClassLine, IneligibleSum, LoanFacts
from collateral.valuation.ratio import allowed_minor, available_minor, basis_points, cure_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class BorrowingBase:
    """Amounts in fen, rates in hundredths of a percent. `available_minor` below 0 is a deficit. `advance_bp` is the
    loan's ceiling, for no other rate is agreed; `coverage_bp` None: never reconciled."""

    loan_id: str
    contract_no: str
    borrower_zh: str
    borrower_en: str
    currency: str
    as_of: datetime
    lines: tuple[ClassLine, ...]
    gross_minor: int
    ineligible: tuple[IneligibleSum, ...]
    eligible_head: int
    eligible_minor: int
    advance_bp: int
    limit_minor: int
    base_minor: int
    outstanding_minor: int
    available_minor: int
    cure_minor: int
    coverage_bp: int | None

    @property
    def deficit_minor(self) -> int:
        """What is outstanding beyond the base; 0 when there is excess."""
        return max(0, -self.available_minor)

    def canonical(self) -> bytes:
        """JSON of everything above with sorted members and no spaces."""
        return json.dumps(_plain(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    @property
    def sha256(self) -> str:
        """Of the canonical bytes."""
        return hashlib.sha256(self.canonical()).hexdigest()


def borrowing_base(facts: LoanFacts) -> BorrowingBase:
    """The borrowing base of a loan as of its facts. `cure_minor` looks at the whole value, as the contract's ratio
    does; the deficit looks at what is eligible."""
    loan, advance = facts.loan, basis_points(facts.loan.ltv_ceiling)
    return BorrowingBase(
        loan_id=loan.loan_id, contract_no=loan.contract_no, borrower_zh=loan.borrower_zh, borrower_en=loan.borrower_en,
        currency=loan.balance.currency, as_of=facts.as_of, lines=facts.lines, gross_minor=facts.value_minor,
        ineligible=facts.ineligible, eligible_head=facts.head - sum(one.head for one in facts.ineligible),
        eligible_minor=facts.eligible_minor, advance_bp=advance, limit_minor=loan.principal.minor,
        base_minor=allowed_minor(facts.eligible_minor, advance), outstanding_minor=loan.balance.minor,
        available_minor=available_minor(loan.principal.minor, facts.eligible_minor, advance, loan.balance.minor),
        cure_minor=cure_minor(loan.balance.minor, facts.value_minor, advance),
        coverage_bp=basis_points(facts.herd.coverage) if facts.herd else None,
    )  # fmt: skip


def _plain(base: BorrowingBase) -> dict[str, Any]:
    plain = {name: getattr(base, name) for name in base.__slots__}
    return plain | {
        "as_of": base.as_of.isoformat(),
        "lines": [_members(line) for line in base.lines],
        "ineligible": [_members(line) for line in base.ineligible],
    }


def _members(line: ClassLine | IneligibleSum) -> dict[str, Any]:
    found = {name: getattr(line, name) for name in line.__slots__}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in found.items()}
