"""People who use the system, what they may see, and of which cases they are told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from collateral.model.ids import BranchId, PersonId

LONGEST_ADDRESS = 254  # RFC 5321 4.5.3.1.3, less the brackets
LONGEST_LOCAL_PART = 64  # RFC 5321 4.5.3.1.1
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"  # RFC 5321 4.1.2
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")


class Role(StrEnum):
    """客户经理, 风险经理, 养殖户, 审计, 管理员."""

    OFFICER = "officer"
    RISK = "risk"
    FARM = "farm"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Level(StrEnum):
    """客户经理, 支行行长, 分行风险经理, 总行 (domain 3.4 [I])."""

    OFFICER = "officer"
    BRANCH_HEAD = "branch_head"
    BRANCH_RISK = "branch_risk"
    HEAD_OFFICE = "head_office"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """`branch_id` None sees every branch; a farm user also has `farm_id`. `told_as` None: by role and branch."""

    person_id: PersonId
    login: str
    name: str
    role: Role
    branch_id: BranchId | None
    farm_id: str | None = None
    language: str = "zh"
    email: str | None = None
    told_as: Level | None = None

    @property
    def level(self) -> Level | None:
        """At which level notices reach them; None: at none, as auditors, administrators and the farm."""
        if self.told_as or self.role is Role.OFFICER:
            return self.told_as or Level.OFFICER
        if self.role is Role.RISK:
            return Level.BRANCH_RISK if self.branch_id else Level.HEAD_OFFICE
        return None


def address_fault(text: str) -> str | None:
    """What is wrong with an e-mail address, or None. A host without a dot is one of the bank's own network."""
    if len(text) > LONGEST_ADDRESS or len(text.partition("@")[0]) > LONGEST_LOCAL_PART:
        return f"is longer than an e-mail address may be ({LONGEST_ADDRESS} characters, {LONGEST_LOCAL_PART} before @)"
    if not _ADDRESS.fullmatch(text):
        return f"{text!r} is no e-mail address; write for instance name@bank.example"
    return None


def level_fault(told_as: str, role: str, branch_id: str | None) -> str | None:
    """Why somebody of this role and branch cannot be told at a level, or None."""
    if told_as not in set(Level):
        return f"{told_as} is none of {', '.join(Level)}"
    if role == Role.FARM:
        return "the farm is told of its own matters alone"
    if (told_as == Level.HEAD_OFFICE) != (branch_id is None):
        return "head_office is for who belongs to no branch, the other levels for who belongs to one"
    return None
