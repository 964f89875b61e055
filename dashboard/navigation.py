"""Which pages there are for which role. Titles are translated; the words in the URL stay the same."""

from __future__ import annotations

from typing import Any

import streamlit as st

from collateral.contract.http import RoleWord
from dashboard.screens import (
    alerts,
    case,
    devices,
    inspections,
    loan,
    loans,
    map,  # noqa: A004 - a page is called map
    movements,
    pledge_check,
    rules,
    today,
)
from dashboard.words import _, language

FARM_SEES = ("map", "devices", "alerts", "case")


def pages(role: RoleWord) -> dict[str, list[Any]]:
    """The navigation of this role; also what links may lead to."""
    every = _every_page()
    sees = FARM_SEES if role == "farm" else tuple(every)
    st.session_state["links"] = {name: every[name] for name in sees}
    herd = [every[name] for name in ("map", "devices")]
    if role == "farm":
        return {_("Farm"): [_front(), *herd, every["alerts"], every["case"]]}
    work = [_front(), *(every[name] for name in ("today", "alerts", "case"))]
    collateral = [every[name] for name in ("loans", "loan", "movements", "inspections", "pledges")]
    rules_page = [every["rules"]]
    return {_("Work"): work, _("Collateral"): collateral, _("Farms and devices"): herd, _("Risk"): rules_page}


def front_page() -> None:
    """The bare address: on to the first page, so that every page has a word of its own in the URL."""
    links = st.session_state["links"]
    st.switch_page(links.get("today", links["map"]), query_params={"lang": language()})


def _every_page() -> dict[str, Any]:
    return {
        "today": _page(today.show, _("Today's work"), "today", ":material/today:"),
        "alerts": _page(alerts.show, _("Alert inbox"), "alerts", ":material/inbox:"),
        "case": _page(case.show, _("Case"), "case", ":material/gavel:", shown=False),
        "loans": _page(loans.show, _("Loans and collateral"), "loans", ":material/account_balance:"),
        "loan": _page(loan.show, _("Loan"), "loan", ":material/request_quote:", shown=False),
        "movements": _page(movements.show, _("Movements"), "movements", ":material/swap_horiz:"),
        "inspections": _page(inspections.show, _("Inspections"), "inspections", ":material/fact_check:"),
        "pledges": _page(pledge_check.show, _("Pledge check"), "pledges", ":material/compare_arrows:"),
        "rules": _page(rules.show, _("Rules"), "rules", ":material/rule_settings:"),
        "map": _page(map.show, _("Farm map"), "map", ":material/map:"),
        "devices": _page(devices.show, _("Devices"), "devices", ":material/sensors:"),
    }


def _front() -> Any:
    return st.Page(front_page, title="HerdLien", url_path="front", default=True, visibility="hidden")


def _page(show: Any, title: str, path: str, icon: str, *, shown: bool = True) -> Any:
    return st.Page(
        show, title=title, url_path=path, icon=icon, visibility="visible" if shown else "hidden",
    )  # fmt: skip
