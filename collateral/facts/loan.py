"""What a rule about money and papers sees: one loan at one moment, read-only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from collateral.model.ids import FarmId
from collateral.model.loan import Loan


@dataclass(frozen=True, kw_only=True)
class LoanFacts:
    """One loan as of one moment. `farms`: where its animals stand."""

    loan: Loan
    as_of: datetime
    farms: tuple[FarmId, ...]
