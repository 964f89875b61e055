"""Head of groups known by number in a movement: what leaves and enters, and what the book of each group becomes. Pure.

A group's head is all that stands there by the book, its pledged head what of it secures one loan. What enters is added
to both, and what leaves is taken from both; only what is released stays where it stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from collateral.model.herd import Species
from collateral.model.ids import FarmId, PenId
from collateral.model.loan import MovementKind


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLeaving:
    """`head` of a group that leave the pledge, or, by a transfer, go to the group `to_group_id`."""

    group_id: str
    head: int
    to_group_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupEntering:
    """`head` that come to a group and are pledged, each at `value_minor` (minor units)."""

    group_id: str
    head: int
    value_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupStanding:
    """How a group stands for one loan. `head`: all that the book has there; `pledged` of them secure the loan, each at
    `value_minor`; 0: none do. `spoken_for`: pledged head that other open requests name. `claimed`: head that all loans
    together have pledged. `changed_at`: since when the book of it is as it is; None: nothing was ever pledged or
    moved."""

    group_id: str
    farm_id: FarmId
    pen_id: PenId
    species: Species
    pen_species: Species
    head: int
    pledged: int = 0
    value_minor: int = 0
    spoken_for: int = 0
    claimed: int = 0
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupChange:
    """What the book of one group becomes by a movement. `value_minor`: of each pledged head, rounded down."""

    group_id: str
    head: int
    pledged: int
    value_minor: int


@dataclass(slots=True)
class _Flow:
    out: int = 0
    gone: int = 0
    came: list[tuple[int, int]] = field(default_factory=list)  # head, value of each


def changes(
    kind: MovementKind, leaving: Iterable[GroupLeaving], entering: Iterable[GroupEntering],
    standing: Mapping[str, GroupStanding],
) -> list[GroupChange]:  # fmt: skip
    """What becomes of each group that a movement names, in the order of their ids. What stands against the movement
    must have been asked before: a KeyError or a head below 0 here is a mistake of the program's."""
    flows: dict[str, _Flow] = defaultdict(_Flow)
    for line in leaving:
        flows[line.group_id].out += line.head
        flows[line.group_id].gone += 0 if kind is MovementKind.RELEASE else line.head
        if line.to_group_id is not None:
            flows[line.to_group_id].came.append((line.head, standing[line.group_id].value_minor))
    for entry in entering:
        flows[entry.group_id].came.append((entry.head, entry.value_minor))
    return [_changed(standing[name], flow) for name, flow in sorted(flows.items())]


def journal(leaving: Iterable[GroupLeaving], entering: Iterable[GroupEntering]) -> list[tuple[str, int]]:
    """The lines of the journal: group and head, below 0 for what left."""
    out = [(line.group_id, -line.head) for line in leaving]
    moved = [(line.to_group_id, line.head) for line in leaving if line.to_group_id is not None]
    return [*out, *moved, *((entry.group_id, entry.head) for entry in entering)]


def _changed(was: GroupStanding, flow: _Flow) -> GroupChange:
    came = sum(head for head, _ in flow.came)
    stays = was.pledged - flow.out
    value = was.value_minor
    if flow.came and stays + came:
        value = (stays * was.value_minor + sum(head * each for head, each in flow.came)) // (stays + came)
    return GroupChange(group_id=was.group_id, head=was.head - flow.gone + came, pledged=stays + came, value_minor=value)
