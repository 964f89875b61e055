"""Rules for risk staff: how often each is right, how soon cases are handled, what each rests on, and its limits."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from collateral.contract.casework import LevelTimesLine, PrecisionReport, RulePrecisionLine, SlaReport
from dashboard import frame, session
from dashboard.figures import DASH, day_and_clock, head, share, span
from dashboard.precision_chart import judged, precision_by_rule
from dashboard.rule_words import RULE_WORDS, RULES
from dashboard.screens import rule_limits
from dashboard.tables import SEVERITIES, called, mark
from dashboard.words import _

TABLE_PX = 420


def show() -> None:
    """The page; the rule looked at stands in the URL."""
    frame.heading(_("Rules"), _("What the system watches for, how often it was right, and the limits it goes by"))
    frame.live(_figures, every_s=60)
    # Not live: a form that is drawn anew would lose what is being written.
    frame.calmly(_one_rule)


def _figures() -> None:
    report, sla = session.api().precision(), session.api().sla()
    right, soon = st.columns(2)
    with right.container(border=True, key="precision", height="stretch"):
        _precision(report)
    with soon.container(border=True, key="sla", height="stretch"):
        _sla(sla)
    with st.expander(_("All rules in figures"), icon=":material/table_rows:"):
        rows = [_row(line) for line in report.rules]
        if rows:
            st.dataframe(rows, hide_index=True, width="stretch", height=min(38 + 35 * len(rows), TABLE_PX))
        else:
            st.caption(_("No case has been opened in this time."))


def _precision(report: PrecisionReport) -> None:
    st.markdown(f"**{_('How often each rule was right')}**")
    text = _("Cases from {since} on; right = confirmed / (confirmed + false alarms). The bar is the 95 % interval.")
    st.caption(text.format(since=day_and_clock(report.since)))
    if judged(report.rules):
        st.altair_chart(precision_by_rule(report.rules), width="stretch", key="precision_chart")
    else:
        st.caption(f":material/pending: {_('Nobody has judged a case yet: each resolved case is one answer.')}")


def _sla(report: SlaReport) -> None:
    st.markdown(f"**{_('How soon cases are handled')}**")
    st.caption(_("Acknowledged within the limit of the level; medians of the times."))
    st.table([_level(line) for line in report.levels], hide_index=True, border="horizontal")


def _level(line: LevelTimesLine) -> dict[str, str]:
    late = f" · :red[{_('{n} late').format(n=head(line.late))}]" if line.late else ""
    return {
        _("Level"): mark(SEVERITIES, line.severity).badge(),
        _("Cases"): head(line.cases),
        _("In time"): f"{head(line.in_time)}{late}",
        _("To acknowledge"): _length(line.acknowledge_median_s),
        _("To close"): _length(line.close_median_s),
    }


def _length(seconds: float | None) -> str:
    return DASH if seconds is None else span(timedelta(seconds=seconds))


def _row(line: RulePrecisionLine) -> dict[str, str]:
    return {
        _("Rule"): called(RULES, line.rule),
        _("Cases"): head(line.alerts),
        _("Confirmed"): head(line.confirmed),
        _("False alarms"): head(line.false_alarms),
        _("Explained"): head(line.explained),
        _("Precision"): DASH if line.precision is None else share(line.precision, 0),
        _("95 % interval"): DASH if line.precision is None else f"{share(line.low, 0)}–{share(line.high, 0)}",
    }


def _one_rule() -> None:
    rules = {rule.name: rule for rule in session.api().rules()}
    current = st.query_params.get("rule", next(iter(rules), ""))
    st.subheader(_("One rule and its limits"), anchor=False)
    names = {name: f"{rule.number} {called(RULES, name)}" for name, rule in rules.items()}
    chosen = st.selectbox(
        _("Rule"), list(names), index=list(names).index(current) if current in names else 0,
        format_func=names.__getitem__, key="rule_choice",
    )  # fmt: skip
    if not chosen:
        return
    if chosen != current:
        st.query_params["rule"] = chosen
    rule = rules[chosen]
    with st.container(border=True, key="one_rule"):
        if words := RULE_WORDS.get(rule.name):
            st.markdown(f"**{_(words.means)}**")
            st.markdown(f":material/directions_run: {_(words.do)}")
        with st.expander(_("How it is reckoned (in English)"), icon=":material/function:"):
            st.markdown(rule.says)
            st.markdown("\n".join(f"- **{label}**: {text}" for label, text in rule.parts.items()))
        rule_limits.show(rule, may_set=session.me().role in {"risk", "admin"})
