"""What the canned pilot says about worth, warning and the book: as the system says it, and no database."""

import math
import random
from datetime import date, datetime, timedelta
from typing import Any

from fastapi import FastAPI, HTTPException

from collateral.contract import early_warning as warnings
from collateral.contract import ledger
from collateral.contract import reconciliation as kept
from collateral.contract import valuation as worth
from collateral.contract.http import Count, PenLine, UnseenAnimal

SHA = "9fab6151cc4b1c057d97bfe8d6a1a0dbce1bc42379cc1bf6fffaed6f3922b2bd"


def course(loan_id: str, now: datetime) -> warnings.EarlyWarningCourse:
    """L1 is quiet, then orange for its coverage, then red; L2 has been normal; L4 has never been graded."""
    if loan_id == "L4":
        return warnings.EarlyWarningCourse(loan_id=loan_id, points=[])
    points = []
    for hours in (700, 500, 300, 200, 120, 60, 24, 8, 1, 0.1):
        grave = loan_id == "L1" and hours <= 24
        points.append(graded(now - timedelta(hours=hours), grave=grave, worst=grave and hours <= 1))
    return warnings.EarlyWarningCourse(loan_id=loan_id, points=points)


def graded(at: datetime, *, grave: bool, worst: bool) -> warnings.EarlyWarningPoint:
    def said(model: Any, indicator: str, figure: float | None, points: float) -> warnings.ReasonShape:
        return warnings.ReasonShape(model=model, indicator=indicator, figure=figure, points=points)

    reasons = [said("repayment", "ltv", 0.0708, 17.1)]
    if grave:
        reasons = [said("collateral", "shortfall", 0.035, 47.5), said("collateral", "coverage", 0.952, 13.5), *reasons]
    if worst:
        reasons = [said("collateral", "group_removal", None, 90), *reasons, said("operation", "tag_silence", None, 15)]
    return warnings.EarlyWarningPoint(
        as_of=at,
        score=100 if worst else 55.2 if grave else 17.1,
        grade="red" if worst else "yellow" if grave else "blue",
        models={
            "collateral": 100 if worst else 50.9 if grave else 0,
            "operation": 15 if worst else 0,
            "repayment": 17.1,
        },
        reasons=sorted(reasons, key=lambda reason: -reason.points),
        unknown=["overdue"],
    )


def line(head: int, value_minor: int, day: date) -> worth.ClassLineShape:
    return worth.ClassLineShape(
        species="cattle",
        stock_class="",
        head=head,
        mean_weight_kg=610.2,
        li_per_kg=27_900,
        priced_on=day,
        price_source="weekly market",
        is_stale=False,
        value_minor=value_minor,
    )


def base_of(loan: Any, day: datetime) -> worth.BorrowingBaseShape:
    gone = loan.book - loan.tags_seen if loan.loan_id == "L1" else 0
    lost = loan.value_minor * gone // loan.book
    ineligible = [worth.IneligibleShape(reason="missing", head=gone, value_minor=lost)] if gone else []
    eligible = loan.value_minor - lost
    base = int(eligible * loan.ltv_ceiling)
    free = min(base, loan.principal_minor) - loan.balance_minor
    return worth.BorrowingBaseShape(
        loan_id=loan.loan_id,
        contract_no=loan.contract_no,
        borrower_zh=loan.borrower_zh,
        borrower_en=loan.borrower_en,
        currency="CNY",
        as_of=day,
        lines=[line(loan.book, loan.value_minor, day.date())],
        gross_minor=loan.value_minor,
        ineligible=ineligible,
        eligible_head=loan.book - gone,
        eligible_minor=eligible,
        advance_bp=round(loan.ltv_ceiling * 10_000),
        limit_minor=loan.principal_minor,
        base_minor=base,
        outstanding_minor=loan.balance_minor,
        available_minor=free,
        deficit_minor=max(0, -free),
        cure_minor=max(0, loan.balance_minor - int(loan.value_minor * loan.ltv_ceiling)),
        coverage_bp=9_520,
        sha256=SHA,
    )


def valuation_of(loan: Any, day: datetime) -> worth.LoanValuation:
    base = base_of(loan, day)
    rng = random.Random(7)
    points, price = [], 31_000.0
    for week in range(104, -1, -1):
        price *= 1 + rng.gauss(-0.001, 0.008)
        points.append(worth.PricePointShape(on=day.date() - timedelta(weeks=week), li_per_kg=round(price)))
    return worth.LoanValuation(
        loan_id=loan.loan_id,
        as_of=day,
        currency="CNY",
        head=loan.book,
        value_minor=loan.value_minor,
        balance_minor=loan.balance_minor,
        ltv=loan.ltv,
        ltv_ceiling=loan.ltv_ceiling,
        cure_minor=base.cure_minor,
        lines=base.lines,
        ineligible=base.ineligible,
        eligible_head=base.eligible_head,
        eligible_minor=base.eligible_minor,
        limit_minor=base.limit_minor,
        base_minor=base.base_minor,
        available_minor=base.available_minor,
        is_insurance_known=loan.loan_id != "L2",
        prices=[
            worth.PriceSeriesShape(species="cattle", stock_class="", region="", source="weekly market", points=points)
        ]
        if loan.loan_id != "L4"
        else [],
    )


def forecast_of(loan: Any, day: datetime) -> worth.LoanForecast:
    """L2 drifts up through its ceiling, L1 is above it, the others keep below."""
    drift = 0.004 if loan.loan_id == "L2" else -0.003
    points = []
    for week in range(27):
        median, half = loan.ltv + drift * week, 0.012 * math.sqrt(week)
        points.append(
            worth.ForecastPointShape(
                week=week,
                on=day.date() + timedelta(weeks=week),
                low=median - half,
                median=median,
                high=median + half,
            )
        )

    def first(end: str) -> int | None:
        return next((p.week for p in points if getattr(p, end) > loan.ltv_ceiling), None)

    return worth.LoanForecast(
        loan_id=loan.loan_id,
        as_of=day,
        ltv_ceiling=loan.ltv_ceiling,
        level=0.8,
        points=points,
        breach_earliest=first("high"),
        breach_median=first("median"),
        breach_latest=first("low"),
    )


def reconciled(loan: Any, pens: list[PenLine], unseen: list[UnseenAnimal], now: datetime) -> kept.Reconciliation:
    """One pen was counted by hand a week ago; the first pen lacks what the loan lacks."""
    states: tuple[kept.UnseenState, ...] = ("outside", "recent", "long", "dark", "excused")
    short = loan.book - loan.tags_seen
    lines = []
    for place, pen in enumerate(pens):
        best = pen.book - (short if place == 0 else 1)
        lines.append(
            kept.PenReconciliation(
                pen_id=pen.pen_id,
                pen_name=pen.name,
                farm_id=pen.farm.id,
                as_of=now,
                book=pen.book,
                tagged=0 if place == 3 else pen.tagged,
                tags_seen=0 if place == 3 else best - 1,
                evidenced=best - 1,
                excused=0,
                camera=pen.camera,
                physical=pen.book - 2 if place == 2 else None,
                estimate=Count(low=best - 2, best=best, high=best + (0 if place == 0 else 1), as_of=now),
                coverage=(best - 1) / pen.book,
                value_minor=pen.value_minor,
            )
        )
    return kept.Reconciliation(
        loan_id=loan.loan_id,
        as_of=now,
        book=loan.book,
        tags_seen=loan.tags_seen,
        excused=0,
        camera=loan.camera,
        physical=kept.PhysicalShape(found=148, sigma=1.5, counted_at=now - timedelta(days=7)),
        estimate=loan.estimate,
        short=short,
        shortfall_proved=loan.loan_id == "L1",
        chance_short=1.0,
        coverage=loan.coverage,
        value_minor=loan.value_minor,
        pens_as_of=now,
        pens=lines,
        unseen=[
            kept.UnseenLine(
                animal_id=animal.animal_id,
                identity=animal.identity,
                tag_id=animal.tag_id,
                pen_id=animal.pen_id,
                last_seen_at=animal.last_seen_at,
                age_h=None,
                state=states[place % len(states)],
                value_minor=animal.value_minor,
            )
            for place, animal in enumerate(unseen)
        ],
        unseen_total=len(unseen),
    )


def rolled(loan: Any, start: datetime, end: datetime) -> ledger.RollForwardShape:
    """L1 lacks two that nobody asked for."""
    gone = ["a1", "a2"] if loan.loan_id == "L1" else []
    return ledger.RollForwardShape(
        loan_id=loan.loan_id,
        start=start,
        end=end,
        opening=loan.book + 24,
        enrolled=0,
        births=0,
        purchases=2,
        transfers_in=0,
        substitutions_in=0,
        sales=24,
        deaths=2,
        transfers_out=0,
        substitutions_out=0,
        releases=0,
        closing=loan.book - len(gone),
        difference=-len(gone),
        ties=not gone,
        unexplained_in=[],
        unexplained_out=gone,
        contradicted=[],
    )


def add_routes(app: FastAPI, loans: dict[str, Any], pens: Any, unseen: Any, now: datetime) -> None:
    """Worth, warning and book of each loan."""

    def found(loan_id: str) -> Any:
        if loan_id not in loans:
            raise HTTPException(404, "there is no such loan, or it is not yours to see")
        return loans[loan_id]

    @app.get("/v1/loans/{loan_id}/early-warning")
    def get_course(loan_id: str) -> warnings.EarlyWarningCourse:
        return course(found(loan_id).loan_id, now)

    @app.get("/v1/loans/{loan_id}/valuation")
    def get_valuation(loan_id: str) -> worth.LoanValuation:
        return valuation_of(found(loan_id), now)

    @app.get("/v1/loans/{loan_id}/forecast")
    def get_forecast(loan_id: str) -> worth.LoanForecast:
        return forecast_of(found(loan_id), now)

    @app.get("/v1/loans/{loan_id}/borrowing-base")
    def get_base(loan_id: str) -> worth.BorrowingBaseShape:
        return base_of(found(loan_id), now)

    @app.get("/v1/loans/{loan_id}/reconciliation")
    def get_reconciliation(loan_id: str) -> kept.Reconciliation:
        loan = found(loan_id)
        if loan_id == "L4":
            raise HTTPException(404, "there is no such reconciliation, or it is not yours to see")
        return reconciled(loan, pens(loan_id), unseen(loan_id), now - timedelta(minutes=20))

    @app.get("/v1/loans/{loan_id}/roll-forward")
    def get_rolled(loan_id: str, start: datetime, end: datetime) -> ledger.RollForwardShape:
        return rolled(found(loan_id), start, end)
