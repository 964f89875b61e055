"""Why a loan may not be drawn on, and how two people may let it pass all the same. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from collateral.model.ids import LoanId, PersonId
from collateral.model.person import Person, Role
from collateral.model.saying import Refusal, say

DOUBLE_PLEDGE = "double_pledge"
MAY_ASK = frozenset({Role.OFFICER, Role.RISK, Role.ADMIN})
MAY_CONFIRM = frozenset({Role.RISK, Role.ADMIN})


class BlockState(StrEnum):
    STANDING = "standing"
    OVERRIDE_ASKED = "override_asked"
    OVERRIDDEN = "overridden"
    LIFTED = "lifted"  # its cause is gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A bar to drawing on a loan. `matches`: what it rests on; an override covers these and no others."""

    block_id: int
    loan_id: LoanId
    cause: str
    state: BlockState
    matches: frozenset[int]
    placed_at: datetime
    asked_by: PersonId | None = None
    confirmed_by: PersonId | None = None

    @property
    def bars(self) -> bool:
        """Whether the loan may not be drawn on."""
        return self.state in (BlockState.STANDING, BlockState.OVERRIDE_ASKED)


class OverrideRefused(Refusal):
    """This person cannot take that step now; the message says why and who could."""


def ask(block: Block, person: Person) -> Block:
    """The first of two people asks to let it pass. Raises OverrideRefused."""
    if person.role not in MAY_ASK:
        raise OverrideRefused(
            say("role {role} may not ask for an override; ask an officer or risk staff", role=person.role)
        )
    if block.state is not BlockState.STANDING:
        raise OverrideRefused(
            say("the block is {state}; an override can be asked for while it is standing", state=block.state)
        )
    return replace(block, state=BlockState.OVERRIDE_ASKED, asked_by=person.person_id)


def confirm(block: Block, person: Person) -> Block:
    """The second of two people lets it pass. Raises OverrideRefused."""
    _second(block, person)
    return replace(block, state=BlockState.OVERRIDDEN, confirmed_by=person.person_id)


def decline(block: Block, person: Person) -> Block:
    """The second of two people leaves it standing. Raises OverrideRefused."""
    _second(block, person)
    return replace(block, state=BlockState.STANDING, asked_by=None)


def renewed(block: Block, matches: frozenset[int]) -> Block:
    """A block that bars, after another look: more to rest on puts a request for an override back; nothing lifts it."""
    if not matches:
        return replace(block, state=BlockState.LIFTED)
    if matches <= block.matches:
        return block
    return replace(block, state=BlockState.STANDING, asked_by=None, matches=block.matches | matches)


def _second(block: Block, person: Person) -> None:
    if block.state is not BlockState.OVERRIDE_ASKED:
        raise OverrideRefused(say("the block is {state}; nobody has asked for an override", state=block.state))
    if person.person_id == block.asked_by:
        raise OverrideRefused(say("an override takes two people; ask somebody else of risk staff"))
    if person.role not in MAY_CONFIRM:
        raise OverrideRefused(say("an override is decided by risk staff or an administrator"))
