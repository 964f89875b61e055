"""From a loan's standing to its grade, with the reasons that made it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from collateral.model.finding import Severity
from collateral.model.ids import LoanId
from collateral.scoring.ladder import POINTS, together
from collateral.scoring.packs import BANK, MODELS, PACKS, BankThresholds
from collateral.scoring.standing import Standing

_OPERATION = (
    "suspected_death", "mortality", "outbreak", "feed_stop", "heat_stress", "patrol", "fleet_decay", "tag_silence",
    "gateway_silence",
)  # fmt: skip
_REPAYMENT = ("price_ltv", "insurance_gap", "arrears", "registration", "concentration")
MODEL_OF_RULE: dict[str, str] = dict.fromkeys(_OPERATION, "operation") | dict.fromkeys(_REPAYMENT, "repayment")
"""Which general model a case speaks in; every rule not named here is about the animals themselves: the collateral."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One matter that speaks against the loan: `indicator` is a rule's name, or one of coverage, shortfall, ltv and
    overdue; `figure` what was measured, None for a case; `points` 0-100."""

    model: str
    indicator: str
    figure: float | None
    points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyWarning:
    """A loan's score 0-100 and grade (None: normal), the points of each model, the reasons, gravest first, and what
    could not be judged for want of data."""

    loan_id: LoanId
    as_of: datetime
    score: float
    grade: Severity | None
    models: dict[str, float]
    reasons: tuple[Reason, ...]
    unknown: tuple[str, ...]

    @property
    def word(self) -> str:
        return self.grade.word if self.grade else "normal"


def score(standing: Standing, bank: BankThresholds = BANK) -> EarlyWarning:
    """The early-warning score of one loan.

    Each model is its gravest matter plus a quarter of the others; the loan is its gravest model, weighed for the
    species, plus a quarter of the others.
    """
    reasons = sorted((*_figures(standing, bank), *_cases(standing)), key=lambda r: -r.points)
    models = {model: together([r.points for r in reasons if r.model == model]) for model in MODELS}
    weights = PACKS[standing.species].weights
    total = together([weights[model] * points for model, points in models.items()])
    known = {
        "coverage": standing.coverage, "shortfall": standing.short_share, "ltv": standing.ltv_margin,
        "overdue": standing.overdue_days,
    }  # fmt: skip
    return EarlyWarning(
        loan_id=standing.loan_id, as_of=standing.as_of, score=round(total, 1), grade=grade(total, bank),
        models={model: round(points, 1) for model, points in models.items()}, reasons=tuple(reasons),
        unknown=tuple(name for name, figure in known.items() if figure is None),
    )  # fmt: skip


def grade(points: float, bank: BankThresholds = BANK) -> Severity | None:
    """The gravest grade whose threshold is reached; None: normal."""
    reached = [severity for severity, least in bank.grades.items() if points >= least]
    return max(reached, default=None)


def _figures(standing: Standing, bank: BankThresholds) -> list[Reason]:
    uncovered = None if standing.coverage is None else 1 - standing.coverage
    over = None if standing.ltv_margin is None else -standing.ltv_margin
    short_weight = 1.0 if standing.short_proved else bank.unproved
    asked = (
        ("collateral", "coverage", standing.coverage, uncovered, PACKS[standing.species].uncovered, 1.0),
        ("collateral", "shortfall", standing.short_share, standing.short_share, bank.short_share, short_weight),
        ("repayment", "ltv", standing.ltv_margin, over, bank.ltv_over, 1.0),
        ("repayment", "overdue", standing.overdue_days, standing.overdue_days, bank.overdue_days, 1.0),
    )
    found = [
        Reason(model=model, indicator=name, figure=shown, points=round(weight * ladder.points(figure), 1))
        for model, name, shown, figure, ladder, weight in asked
        if figure is not None
    ]
    return [reason for reason in found if reason.points > 0]


def _cases(standing: Standing) -> list[Reason]:
    return [
        Reason(model=MODEL_OF_RULE.get(rule, "collateral"), indicator=rule, figure=None, points=POINTS[severity])
        for rule, severity in standing.open_cases
    ]
