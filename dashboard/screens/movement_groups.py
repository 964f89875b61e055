"""Head of groups known by number in movements: asked for, shown, and booked as so many really moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from collateral.contract.ledger import (
    GroupEnteringShape,
    GroupHeadShape,
    GroupLeavingShape,
    GroupLine,
    MovementDetail,
)
from dashboard.figures import FEN, exact_money, head
from dashboard.movement_words import ENTERS, LEAVES
from dashboard.words import _


@dataclass(frozen=True)
class Chosen:
    """The groups that a request is to name; `others`: where a transfer may take them."""

    leaving: list[GroupLine]
    entering: list[GroupLine]
    others: list[GroupLine]


def choose(kind: str, groups: list[GroupLine]) -> Chosen:
    """Which groups, asked outside of the form: what is asked of them within depends on it."""
    leaving = entering = list[GroupLine]()
    pledged = [group for group in groups if group.pledged]
    if kind in LEAVES and pledged:
        leaving = _pick(_("Groups that head leave"), pledged, "ask_groups_leaving")
    if kind in ENTERS and groups:
        entering = _pick(_("Groups that head enter"), groups, "ask_groups_entering")
    return Chosen(leaving, entering, groups if kind == "transfer" else [])


def asked(chosen: Chosen) -> dict[str, Any]:
    """How many head of each chosen group, and where to or at what value."""
    return {
        "groups_leaving": [_leaving(group, chosen.others) for group in chosen.leaving],
        "groups_entering": [_entering(group) for group in chosen.entering],
    }


def show(told: MovementDetail) -> None:
    """What a request says of groups; once it is executed, what really moved."""
    for leaving in told.groups_leaving:
        to = f" → {leaving.to_group_id}" if leaving.to_group_id else ""
        _line(_("Leaving"), f"{leaving.group_id}{to}", leaving.head)
    for entering in told.groups_entering:
        each = _("{amount} each").format(amount=exact_money(entering.value_minor, "CNY"))
        _line(_("Entering"), f"{entering.group_id} · {each}", entering.head)


def moved(told: MovementDetail) -> list[GroupHeadShape] | None:
    """How many of each group really moved; None where the request names no group, or moves as a whole."""
    lines: list[GroupLeavingShape | GroupEnteringShape] = [*told.groups_leaving, *told.groups_entering]
    if not lines or told.summary.kind == "substitution":
        return None
    heads: dict[str, int] = {}
    for line in lines:
        if line.group_id not in heads:
            heads[line.group_id] = st.number_input(
                _("{group}: head that really moved").format(group=line.group_id), min_value=0, max_value=line.head,
                value=line.head, key=f"execute_head_{line.group_id}",
            )  # fmt: skip
    return [GroupHeadShape(group_id=group, head=number) for group, number in heads.items()]


def _pick(label: str, groups: list[GroupLine], key: str) -> list[GroupLine]:
    names = {group.group_id: _named(group) for group in groups}
    picked = st.multiselect(label, list(names), format_func=names.__getitem__, key=key, placeholder=_("None"))
    return [group for group in groups if group.group_id in picked]


def _leaving(group: GroupLine, others: list[GroupLine]) -> dict[str, Any]:
    many, where = st.columns(2)
    number = many.number_input(
        _("{group}: head that leave").format(group=group.group_id), min_value=1, max_value=group.pledged,
        key=f"ask_head_out_{group.group_id}",
    )  # fmt: skip
    names = {
        other.group_id: _named(other)
        for other in others
        if other.group_id != group.group_id and other.species == group.species
    }
    to = None
    if others:
        to = where.selectbox(
            _("{group}: to the group").format(group=group.group_id), list(names), format_func=names.__getitem__,
            key=f"ask_to_{group.group_id}",
        )  # fmt: skip
    return {"group_id": group.group_id, "head": number, "to_group_id": to}


def _entering(group: GroupLine) -> dict[str, Any]:
    many, each = st.columns(2)
    number = many.number_input(
        _("{group}: head that enter").format(group=group.group_id), min_value=1, key=f"ask_head_in_{group.group_id}"
    )
    value = each.number_input(
        _("{group}: value of each (yuan)").format(group=group.group_id), min_value=0.0, step=100.0,
        value=group.value_minor / FEN, key=f"ask_head_value_{group.group_id}",
    )  # fmt: skip
    return {"group_id": group.group_id, "head": number, "value_minor": round(value * FEN)}


def _named(group: GroupLine) -> str:
    return f"{group.group_id} · {group.pen_name} · {_('{n} head').format(n=head(group.pledged or group.head))}"


def _line(side: str, what: str, number: int) -> None:
    with st.container(border=True):
        st.markdown(f"**{side}** · {what} · {_('{n} head').format(n=head(number))}")
