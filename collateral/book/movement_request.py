"""What a movement request (变动申请) is: animals and head of groups that leave a pledge and enter it, papers, who
asked. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from collateral.book.group_movement import GroupEntering, GroupLeaving, GroupStanding
from collateral.model.herd import AnimalStatus, Species
from collateral.model.ids import AnimalId, LoanId, PersonId
from collateral.model.loan import MovementKind


class RequestState(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXECUTED = "executed"
    CLOSED = "closed"


class Step(StrEnum):
    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    EXECUTE = "execute"
    CLOSE = "close"  # by booking the proceeds of a sale


class Paper(StrEnum):
    """检疫合格证明, 无害化处理记录, 死畜照片, 发票, 耳标清单, 出生记录, 解押同意书, 收款凭证."""

    QUARANTINE_CERTIFICATE = "quarantine_certificate"
    DISPOSAL_RECORD = "disposal_record"
    CARCASS_PHOTO = "carcass_photo"
    INVOICE = "invoice"
    TAG_LIST = "tag_list"
    BIRTH_RECORD = "birth_record"
    RELEASE_CONSENT = "release_consent"
    PROCEEDS_RECEIPT = "proceeds_receipt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A paper: its number, or the SHA-256 of its file or photo, or both."""

    kind: Paper
    number: str | None = None
    sha256: str | None = None
    issued_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrant:
    """An enrolled animal that is to be pledged at a value. `dam_id`, `born`, `tagged_on` are told for a birth."""

    animal_id: AnimalId
    value_minor: int
    dam_id: AnimalId | None = None
    born: date | None = None
    tagged_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementRequest:
    """One request. The window is when the animals may leave; `executed_at` when they did, and from then on `leaving`
    and the groups say what really moved."""

    request_id: int
    loan_id: LoanId
    kind: MovementKind
    state: RequestState
    leaving: tuple[AnimalId, ...]
    entering: tuple[Entrant, ...]
    to_pen_id: str | None
    start: datetime
    end: datetime
    reason: str
    requested_by: PersonId
    requested_at: datetime
    documents: tuple[Document, ...] = ()
    decided_by: PersonId | None = None
    decided_at: datetime | None = None
    executed_at: datetime | None = None
    closed_at: datetime | None = None
    proceeds_minor: int | None = None
    groups_leaving: tuple[GroupLeaving, ...] = ()
    groups_entering: tuple[GroupEntering, ...] = ()

    @property
    def groups(self) -> list[str]:
        """The groups it names, on either side and as destinations, each once and in order."""
        return sorted({
            *(line.group_id for line in self.groups_leaving), *(line.group_id for line in self.groups_entering),
            *(line.to_group_id for line in self.groups_leaving if line.to_group_id),
        })  # fmt: skip

    @property
    def head_leaving(self) -> int:
        """Head that leave, single animals and of groups."""
        return len(self.leaving) + sum(line.head for line in self.groups_leaving)

    @property
    def head_entering(self) -> int:
        """Head that enter, single animals and into groups. What is transferred only leaves."""
        return len(self.entering) + sum(line.head for line in self.groups_entering)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How things stand for the animals of a request. `pledged`: animal -> (loan, value in minor units), `enrolled`:
    the animals that are present, `spoken_for`: animals that other open requests name. `groups`: those of the named
    groups that stand on farms of the loan's branch. `species` of what leaves, and what the pen is for that it moves to:
    both are known of a transfer."""

    pledged: Mapping[AnimalId, tuple[LoanId, int]]
    enrolled: frozenset[AnimalId]
    spoken_for: frozenset[AnimalId] = frozenset()
    groups: Mapping[str, GroupStanding] = field(default_factory=dict)
    species: Mapping[AnimalId, Species] = field(default_factory=dict)
    to_pen_species: Species | None = None


BECOMES: dict[MovementKind, AnimalStatus] = {
    MovementKind.SALE: AnimalStatus.SOLD,
    MovementKind.DEATH: AnimalStatus.DEAD,
    MovementKind.SUBSTITUTION: AnimalStatus.SUBSTITUTED,
}
"""What an animal is once it has left. One that is released or transferred is still there."""

LEAVES = frozenset({MovementKind.SALE, MovementKind.DEATH, MovementKind.TRANSFER, MovementKind.SUBSTITUTION,
                    MovementKind.RELEASE})  # fmt: skip
PLANNED = LEAVES - {MovementKind.DEATH}
"""What may be approved only before it is to happen; a death or a purchase is told afterwards."""
ENTERS = frozenset({MovementKind.BIRTH, MovementKind.PURCHASE, MovementKind.SUBSTITUTION})
