"""What a rule concluded, on which evidence, and how grave it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from collateral.model.ids import AnimalId, FarmId, LoanId


class Severity(IntEnum):
    """蓝, 黄, 橙, 红. Ordered: a higher number is graver."""

    BLUE = 1
    YELLOW = 2
    ORANGE = 3
    RED = 4

    @property
    def word(self) -> str:
        return self.name.lower()

    @classmethod
    def from_word(cls, word: str) -> Severity:
        return cls[word.upper()]


class Witness(StrEnum):
    """An independent kind of evidence. Red needs two of them."""

    TAG = "tag"
    CAMERA = "camera"
    PHYSICAL = "physical"
    DOCUMENT = "document"
    GATEWAY = "gateway"


class Audience(StrEnum):
    """Who is to hear of a finding. One sick animal is the farm's matter; the bank hears of herds and of losses."""

    BANK = "bank"
    FARM = "farm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Testimony:
    """What one witness says: when it first said so, and the particulars (JSON-ready)."""

    witness: Witness
    since: datetime
    particulars: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule's conclusion about one farm at one moment.

    `loan_id` is the loan at risk, None when no pledged animal is touched. `animals` are those named.
    `subject` tells apart findings of one rule on one loan (a gateway, a pen); it is not part of a case's key.
    """

    rule: str
    severity: Severity
    farm_id: FarmId
    loan_id: LoanId | None
    subject: str
    as_of: datetime
    since: datetime
    animals: tuple[AnimalId, ...] = ()
    testimonies: tuple[Testimony, ...] = ()
    figures: dict[str, Any] = field(default_factory=dict)
    audience: Audience = Audience.BANK

    def __post_init__(self) -> None:
        if self.severity is Severity.RED and len({t.witness for t in self.testimonies}) < 2:
            raise ValueError(f"{self.rule}: red needs two independent witnesses")
