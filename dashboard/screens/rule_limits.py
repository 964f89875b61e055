"""The limits of one rule: what holds by default, what the bank or a farm has set instead, and setting one."""

from __future__ import annotations

from typing import Any

import streamlit as st

from collateral.contract.early_warning import LimitRequest, LimitShape, RuleShape
from dashboard import session
from dashboard.deeds import do, say_done
from dashboard.figures import DASH, day_and_clock
from dashboard.words import _, named

SHORTEST_REASON = 3


def show(rule: RuleShape, *, may_set: bool) -> None:
    """A table, and for risk staff the form."""
    say_done("limit")
    if not rule.limits:
        st.caption(_("This rule has no limits."))
        return
    st.table([row for limit in rule.limits for row in _rows(limit)], hide_index=True, border="horizontal")
    if may_set:
        _form(rule)
    else:
        st.caption(f":material/lock: {_('Risk staff set limits.')}")


def _rows(limit: LimitShape) -> list[dict[str, str]]:
    own = [
        {
            _("Limit"): limit.field, _("Holds for"): held.farm_id or _("the whole bank"), _("Setting"): str(held.value),
            _("Set by"): f"{held.set_by} · {day_and_clock(held.set_at)}", _("Reason"): held.why,
        }
        for held in limit.held
    ]  # fmt: skip
    default = {
        _("Limit"): limit.field, _("Holds for"): _("default"), _("Setting"): str(limit.default), _("Set by"): DASH,
        _("Reason"): "",
    }  # fmt: skip
    return [default, *own]


def _form(rule: RuleShape) -> None:
    limits = {limit.field: limit for limit in rule.limits}
    farms = {None: _("the whole bank")} | {line.farm.id: named(line.farm) for line in session.api().herds()}
    with st.form("limit_form"):
        st.markdown(f"**{_('Set a limit')}**")
        which, where, what = st.columns(3)
        field = which.selectbox(_("Limit"), list(limits), key="limit_field")
        farm = where.selectbox(_("Holds for"), list(farms), format_func=farms.__getitem__, key="limit_farm")
        value = what.text_input(_("Setting (empty: back to the default)"), key="limit_value")
        why = st.text_input(_("Reason (stands in the record)"), key="limit_why", max_chars=500)
        sent = st.form_submit_button(_("Set the limit"), type="primary", key="limit_submit")
    if sent and len(why.strip()) < SHORTEST_REASON:
        st.warning(_("Please write down why."), icon=":material/edit:")
    elif sent and field:
        request = LimitRequest(value=_read(value), farm_id=farm, why=why.strip())
        said = _("It holds from the next look on.")
        do("limit", lambda: session.api().set_limit(rule.name, field, request), said)


def _read(text: str) -> Any:
    """A number, yes or no, or the text itself; empty is none."""
    text = text.strip()
    if text.lower() in {"true", "false"}:
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text or None
