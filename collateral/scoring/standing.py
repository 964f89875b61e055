"""What is known of one loan at one moment, as far as the early-warning score asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from collateral.model.finding import Severity
from collateral.model.herd import Species
from collateral.model.ids import LoanId


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One loan. Shares are 0-1; None: not known, which weighs nothing and is said so.

    `species`: that of most of the pledged head. `short_share`: missing head over the book, by the best estimate;
    `short_proved` when even the upper end of the interval is below the book. `ltv_margin`: ceiling minus LTV, negative
    above the ceiling. `open_cases`: rule and severity of each case that is not closed.
    """

    loan_id: LoanId
    as_of: datetime
    species: Species
    coverage: float | None
    short_share: float | None
    short_proved: bool
    ltv_margin: float | None
    overdue_days: int | None
    open_cases: tuple[tuple[str, Severity], ...] = ()
