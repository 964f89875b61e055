"""What a witness measured, figure by figure, as people read it: a label, and the value in its unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from dashboard.figures import DASH, day_and_clock, exact_money, head, labelled, listed, per_kg, share
from dashboard.particular_words import PARTICULARS
from dashboard.tables import DIMENSIONS, FIVE_CLASSES, MOVEMENTS, SPECIES, called, unknown_reason
from dashboard.words import _

SHARES = frozenset(
    {"share", "ltv", "ceiling", "coverage", "coverage_left", "less_share", "price_change", "highest_share", "chance"}
    | {"chance_short", "threshold"}
)
FINE = frozenset({"at_least_kmh", "fastest_kmh", "highest_c", "km", "minutes", "expected", "step", "oldest_h"})
CODES: dict[str, Callable[[str], str]] = {
    "species": lambda code: called(SPECIES, code),
    "kinds": lambda code: called(MOVEMENTS, code),
    "because": unknown_reason,
    "five_class": lambda code: called(FIVE_CLASSES, code),
    "least_class": lambda code: called(FIVE_CLASSES, code),
    "by": lambda code: called(DIMENSIONS, code),
}  # fmt: skip


def particular(name: str, value: Any, pens: Mapping[str, str], currency: str) -> str:
    """Label and value, the value in bold. `pens`: what pens are called, by id."""
    return f"{called(PARTICULARS, name)} **{readable(name, value, pens, currency)}**"


def readable(name: str, value: Any, pens: Mapping[str, str], currency: str) -> str:
    """The value in its unit; None is a dash, a list is listed, a record is told label by label."""
    if value is None:
        return DASH
    if isinstance(value, list):
        return listed(readable(name, item, pens, currency) for item in value) if value else DASH
    if isinstance(value, Mapping):
        return " ".join(
            f"[{labelled(called(PARTICULARS, n), readable(n, v, pens, currency))}]" for n, v in value.items() if v != ""
        )
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return _figure(name, value, currency) if isinstance(value, int | float) else _text(name, str(value), pens)


def _figure(name: str, value: float, currency: str) -> str:
    if name.endswith("_minor"):
        return exact_money(round(value), currency)
    if name == "li_per_kg":
        return per_kg(round(value))
    if name in SHARES:
        return share(value)
    return f"{value:.1f}" if name in FINE else head(value)


def _text(name: str, text: str, pens: Mapping[str, str]) -> str:
    if name in CODES:
        return CODES[name](text)
    if name in {"pen", "pens"}:
        return pens.get(text, text)
    if "T" in text and (moment := _moment(text)):
        return day_and_clock(moment)
    return text


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def on_day(day: date | None) -> str:
    """A day as it is written in tables."""
    return DASH if day is None else day.isoformat()
