"""Doing something through the system, and saying calmly what became of it; asking for a moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import Any

import streamlit as st

from dashboard.client import Away, Refused
from dashboard.figures import default_zone
from dashboard.words import _


def say_done(place: str) -> None:
    """What was last done at this place of the page, once."""
    if said := st.session_state.pop(f"done_{place}", None):
        st.success(said, icon=":material/task_alt:")


def do(place: str, step: Callable[[], object], said: str | Callable[[Any], str]) -> None:
    """Take the step; a refusal is shown, success is said at `place` when the page is drawn anew.

    `said` may be a function of what the step answered.
    """
    with calmly_told():
        answer = step()
        st.session_state[f"done_{place}"] = said if isinstance(said, str) else said(answer)
        st.rerun()


@contextmanager
def calmly_told() -> Iterator[None]:
    """What the system refuses within this, or that it is away, is shown and goes no further."""
    try:
        yield
    except Refused as refusal:
        st.warning(_("This was refused: {reason}").format(reason=refusal), icon=":material/block:")
    except Away:
        st.warning(_("The system is not answering. Please try again in a moment."), icon=":material/cloud_off:")


def moment(column: Any, label: str, key: str, default: datetime) -> datetime:
    """A day and a clock time at the farms, asked for in one column."""
    local = default.astimezone(default_zone()).replace(second=0, microsecond=0, tzinfo=None)
    day: date = column.date_input(label, value=local.date(), key=f"{key}_day")
    at: time = column.time_input(label, value=local.time(), key=f"{key}_time", label_visibility="collapsed")
    return datetime.combine(day, at, default_zone())
