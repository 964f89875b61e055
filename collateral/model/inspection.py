"""The result of a count session (盘点): what was read and counted, and what it proves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from collateral.model.ids import AnimalId, FarmId, LoanId, PenId, TagId


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionResult:
    """One closed count session of one loan on one farm.

    `gross`: reads or heads as counted pen by pen, the same animal as often as it was counted. `unique_tags`: different
    tags among them. `duplicates`: how often a tag was read in one pen after another. `foreign`: tags read that are
    neither of this loan's pledge nor enrolled on this farm. `untagged`: heads counted by eye or camera beyond the tags
    read and the head pledged by number. `absent`: pledged animals not read. `counted`: heads by eye or camera, per pen
    that was counted so. `passed` False when the session proves nothing; `refused_because` says why.
    """

    session_id: str
    loan_id: LoanId
    farm_id: FarmId
    opened_at: datetime
    closed_at: datetime
    gross: int
    unique_tags: int
    duplicates: int
    foreign: tuple[TagId, ...]
    untagged: int
    absent: tuple[AnimalId, ...]
    pens: tuple[PenId, ...]
    passed: bool
    refused_because: tuple[str, ...] = ()
    counted: tuple[tuple[PenId, int], ...] = ()
