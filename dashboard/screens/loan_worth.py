"""Are the animals worth the loan: value against balance, what counts and what does not, what may be drawn."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from collateral.contract.http import LoanSummary
from collateral.contract.valuation import BorrowingBaseShape, ClassLineShape, IneligibleShape, LoanValuation
from dashboard import charts, session
from dashboard.bars import bar
from dashboard.charts import RED
from dashboard.figures import DASH, as_of, exact_money, head, money, per_kg, share
from dashboard.particulars import on_day
from dashboard.tables import INELIGIBLES, SPECIES, called
from dashboard.words import _
from dashboard.worth_charts import steps_to_available

NEAR = 0.05


def at_a_glance(loan: LoanSummary) -> None:
    """Coverage as a gauge beside value against balance."""
    gauge, value = st.columns([1, 2])
    with gauge.container(border=True, key="coverage_gauge", height="stretch"):
        st.markdown(f"**{_('Coverage')}**")
        st.altair_chart(charts.coverage_gauge(loan.coverage), width="stretch", key="gauge_chart")
    with value.container(border=True, key="value_balance", height="stretch"):
        st.markdown(f"**{_('Value against balance')}**")
        st.altair_chart(charts.value_against_balance(loan), width="stretch", key="value_chart")
        st.markdown(_ltv(loan))


def show(loan_id: str, now: datetime) -> None:
    """The section: four figures, the staircase to what may be drawn, and what stands behind it."""
    told, base = session.api().valuation(loan_id), session.api().borrowing_base(loan_id)
    _figures(told)
    with st.container(border=True, key="steps_to_available"):
        st.markdown(f"**{_sentence(base)}**")
        st.altair_chart(steps_to_available(base), width="stretch", key="steps_chart")
        st.caption(f"{as_of(base.as_of, now)} · :material/fingerprint: {_('figures')} `{base.sha256[:12]}`")
    why, lines = st.columns([1, 2])
    with why:
        _ineligible(told)
    with lines:
        _lines(told)


def _ltv(loan: LoanSummary) -> str:
    if loan.ltv > loan.ltv_ceiling:
        icon, word = ":red[:material/error:]", _("over the ceiling: a top-up or repayment is due")
    elif loan.ltv > loan.ltv_ceiling - NEAR:
        icon, word = ":orange[:material/warning:]", _("near the ceiling")
    else:
        icon, word = ":green[:material/check_circle:]", _("within the ceiling")
    text = _("LTV {ltv} · ceiling {ceiling} · balance {balance} · matures {day}").format(
        ltv=share(loan.ltv), ceiling=share(loan.ltv_ceiling, 0), balance=exact_money(loan.balance_minor, loan.currency),
        day=loan.matures_on.isoformat(),
    )  # fmt: skip
    return f"{icon} {text} · **{word}**"


def _figures(told: LoanValuation) -> None:
    value, ltv, available, cure = st.columns(4)
    with value.container(border=True, key="worth_value", height="stretch"):
        st.metric(_("Assessed value"), money(told.value_minor, told.currency))
        st.caption(_("{n} head at today's price and weight").format(n=head(told.head)))
    with ltv.container(border=True, key="worth_ltv", height="stretch"):
        st.metric(_("LTV"), share(told.ltv))
        bar(told.ltv, told.ltv_ceiling, RED if told.ltv > told.ltv_ceiling else "#14507A")
        st.caption(_("ceiling {ceiling}").format(ceiling=share(told.ltv_ceiling, 0)))
    with available.container(border=True, key="worth_available", height="stretch"):
        short = told.available_minor < 0
        st.metric(_("Deficit") if short else _("Available"), money(abs(told.available_minor), told.currency))
        words = _("eligible collateral no longer carries the balance") if short else _("may still be drawn")
        st.caption(f":red[:material/error: {words}]" if short else words)
    with cure.container(border=True, key="worth_cure", height="stretch"):
        st.metric(_("Cure amount"), money(told.cure_minor, told.currency))
        st.caption(_("cash that brings the LTV back to its ceiling") if told.cure_minor else _("nothing to cure"))


def _sentence(base: BorrowingBaseShape) -> str:
    """What the staircase says."""
    if base.deficit_minor > 0:
        return _("Eligible collateral is short by {amount}").format(amount=money(base.deficit_minor, base.currency))
    text = _("From the herd's value to the {amount} that may still be drawn")
    return text.format(amount=money(base.available_minor, base.currency))


def _ineligible(told: LoanValuation) -> None:
    st.markdown(f"**{_('What does not count')}**")
    if not told.ineligible:
        st.caption(f":material/check_circle: {_('Every pledged animal counts.')}")
    else:
        with st.container(key="ineligible_table"):
            st.table([_reason(one, told.currency) for one in told.ineligible], hide_index=True, border="horizontal")
    if not told.is_insurance_known:
        st.caption(f":orange[:material/help: {_('No insurance policy is on record.')}]")


def _reason(one: IneligibleShape, currency: str) -> dict[str, str]:
    return {
        _("Reason"): called(INELIGIBLES, one.reason),
        _("Head"): head(one.head),
        _("Value"): exact_money(one.value_minor, currency),
    }


def _lines(told: LoanValuation) -> None:
    st.markdown(f"**{_('What the value is made of')}**")
    with st.container(key="lines_table"):
        st.table([_line(line, told.currency) for line in told.lines], hide_index=True, border="horizontal")


def _line(line: ClassLineShape, currency: str) -> dict[str, str]:
    species = called(SPECIES, line.species)
    price = per_kg(line.li_per_kg, currency) if line.li_per_kg is not None else _("as pledged")
    source = f"{line.price_source} · {on_day(line.priced_on)}" if line.price_source else DASH
    stale = f" :orange[{_('stale')}]" if line.is_stale else ""
    return {
        _("Species"): f"{species} {line.stock_class}".strip(),
        _("Head"): head(line.head),
        _("Weight (kg)"): DASH if line.mean_weight_kg is None else f"{line.mean_weight_kg:.0f}",
        _("Price"): price + stale,
        _("Price source"): source,
        _("Value"): exact_money(line.value_minor, currency),
    }
