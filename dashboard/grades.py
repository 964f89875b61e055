"""The early-warning score in words: the grade, its models, the reasons that made it."""

from __future__ import annotations

from collections.abc import Callable

from collateral.contract.early_warning import ReasonShape
from dashboard.figures import head, share
from dashboard.rule_words import RULES
from dashboard.tables import Mark, called
from dashboard.words import N_, _

GRADES: dict[str, Mark] = {
    "red": Mark(N_("Red warning"), ":material/e911_emergency:", "red"),
    "orange": Mark(N_("Orange warning"), ":material/warning:", "orange"),
    "yellow": Mark(N_("Yellow warning"), ":material/error:", "yellow"),
    "blue": Mark(N_("Blue warning"), ":material/info:", "blue"),
    "normal": Mark(N_("Normal"), ":material/check_circle:", "green"),
}
COLOURS: dict[str, str] = {
    "red": "#B3261E", "orange": "#C25700", "yellow": "#B08900", "blue": "#1F5FA8", "normal": "#1E6E45",
}  # fmt: skip
PALE: dict[str, str] = {
    "red": "#F6DAD7", "orange": "#F9E3D0", "yellow": "#F5EBC8", "blue": "#D9E6F5", "normal": "#DCEDE3",
}  # fmt: skip

MODELS: dict[str, str] = {
    "collateral": N_("Collateral: are the animals there?"),
    "operation": N_("Operation: is the farm well run?"),
    "repayment": N_("Repayment: is the loan safe?"),
}
INDICATORS: dict[str, str] = {
    "coverage": N_("Coverage"),
    "shortfall": N_("Shortfall against the book"),
    "ltv": N_("LTV"),
    "overdue": N_("Days overdue"),
}


def reason(told: ReasonShape) -> str:
    """One reason in a few words; a case's rule that is not known here is named by its code."""
    if told.figure is not None and told.indicator in _FIGURES:
        return _FIGURES[told.indicator](told.figure)
    return _("open case: {rule}").format(rule=called(RULES, told.indicator))


def unknown(indicator: str) -> str:
    """What could not be judged."""
    return called(INDICATORS, indicator)


def _coverage(figure: float) -> str:
    return _("only {share} of the pledged head are evidenced").format(share=share(figure))


def _shortfall(figure: float) -> str:
    return _("{share} of the book are missing by the best estimate").format(share=share(figure))


def _ltv(margin: float) -> str:
    if margin < 0:
        return _("LTV is {points} points above its ceiling").format(points=f"{-margin * 100:.1f}")
    return _("LTV is {points} points below its ceiling").format(points=f"{margin * 100:.1f}")


def _overdue(days: float) -> str:
    return _("{days} days overdue").format(days=head(days))


_FIGURES: dict[str, Callable[[float], str]] = {
    "coverage": _coverage, "shortfall": _shortfall, "ltv": _ltv, "overdue": _overdue,
}  # fmt: skip
