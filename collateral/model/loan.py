"""Loans and what secures them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from collateral.model.ids import AnimalId, BranchId, FarmId, LoanId
from collateral.model.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """A loan contract (借款合同). `ltv_ceiling` is a share of the assessed value (抵押率 ceiling)."""

    loan_id: LoanId
    branch_id: BranchId
    contract_no: str
    borrower_zh: str
    borrower_en: str
    principal: Money
    balance: Money
    ltv_ceiling: float
    drawn_on: date
    matures_on: date


class MovementKind(StrEnum):
    """出栏, 死亡, 出生, 购入, 转群, 置换, 解押."""

    SALE = "sale"
    DEATH = "death"
    BIRTH = "birth"
    PURCHASE = "purchase"
    TRANSFER = "transfer"
    SUBSTITUTION = "substitution"
    RELEASE = "release"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """An approved change of the book: these animals may leave between `start` and `end`.

    `closed_at`: when nothing was awaited any more (of a sale: the buyer's proceeds); None: not yet. `farm_id` None:
    wherever animals of the loan stand. `groups`: so many head of groups known by number may leave too, until
    `executed_at`, when the book says how many did.
    """

    movement_id: str
    loan_id: LoanId
    kind: MovementKind
    animal_ids: frozenset[AnimalId]
    start: datetime
    end: datetime
    closed_at: datetime | None = None
    farm_id: FarmId | None = None
    groups: tuple[tuple[str, int], ...] = ()
    executed_at: datetime | None = None

    @property
    def head(self) -> int:
        """How many may leave: single animals and head of groups."""
        return len(self.animal_ids) + sum(head for _, head in self.groups)
