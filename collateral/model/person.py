"""People who use the system, and what they may see."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from collateral.model.ids import BranchId, PersonId


class Role(StrEnum):
    """客户经理, 风险经理, 养殖户, 审计, 管理员."""

    OFFICER = "officer"
    RISK = "risk"
    FARM = "farm"
    AUDITOR = "auditor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """`branch_id` None sees every branch; a farm user also has `farm_id`."""

    person_id: PersonId
    login: str
    name: str
    role: Role
    branch_id: BranchId | None
    farm_id: str | None = None
    language: str = "zh"
