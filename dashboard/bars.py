"""A thin bar with a limit mark: a share at a glance, always beside its figure in words."""

from __future__ import annotations

import streamlit as st


def bar(fill: float, limit: float | None = None, colour: str = "#14507A") -> None:
    """`fill` and `limit` are shares 0-1 of the bar's width."""
    mark = f"<b style='left:{_percent(limit)}'></b>" if limit is not None else ""
    st.html(f"<div class='bar'><i style='width:{_percent(fill)};background:{colour}'></i>{mark}</div>")


def _percent(value: float) -> str:
    return f"{min(max(value, 0.0), 1.0) * 100:.1f}%"
