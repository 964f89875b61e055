"""A12: the market falls by 24 % in half a year, and what 400 cattle are worth falls with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from collateral.alerting.cases import Change
from collateral.alerting.desk import Desk
from collateral.anomaly.rules import loan_findings
from collateral.facts.loan import LoanFacts, PriceSeries
from collateral.model.finding import Severity, Witness
from collateral.model.ids import BranchId
from collateral.valuation.base import borrowing_base
from collateral.valuation.forecast import forecast
from collateral.valuation.prices import last_known
from collateral.valuation.worth import Standing
from tests.loans import BEGIN, HEAD, LI, facts, falling, herd, moment

DAYS = 26 * 7
FALL = falling(0.24, DAYS, every=1)


def _days() -> Iterator[date]:
    return (BEGIN + timedelta(days=n) for n in range(DAYS + 1))


def _change(on: date) -> float:
    point = last_known(FALL, on)
    assert point is not None
    return point.li_per_kg / LI - 1


def test_the_ladder_yellow_at_7_7_percent_and_orange_at_14_3_and_nothing_else() -> None:
    desk = Desk(BranchId("b1"))
    steps = []
    for on in _days():
        found = loan_findings(facts(on, prices=[FALL]))
        assert {f.rule for f in found} <= {"price_ltv"}
        steps += [
            (c.change, c.case.severity, _change(on))
            for c in desk.look(found, moment(on)) if c.change in (Change.OPENED, Change.GRAVER)
        ]  # fmt: skip
    assert [(change, severity) for change, severity, _ in steps] == [
        (Change.OPENED, Severity.YELLOW), (Change.GRAVER, Severity.ORANGE),
    ]  # fmt: skip
    # A day is 0.13 % of the way: the first day beyond 65 % and beyond 70 %.
    assert -0.0785 < steps[0][2] <= -0.0769
    assert -0.1445 < steps[1][2] <= -0.1428
    (case,) = desk.standing.values()
    assert case.figures["cure_minor"] == pytest.approx(46_291_700, abs=100)


@pytest.mark.parametrize(
    ("change", "severity"), [(-0.076, None), (-0.077, Severity.YELLOW), (-0.142, Severity.YELLOW), (-0.143, Severity.ORANGE)]
)  # fmt: skip
def test_each_step_is_taken_at_its_own_price(change: float, severity: Severity | None) -> None:
    price = replace(FALL, points=tuple(replace(p, li_per_kg=round(LI * (1 + change))) for p in FALL.points))
    found = loan_findings(facts(BEGIN + timedelta(days=40), prices=[price]))
    assert [f.severity for f in found] == ([severity] if severity else [])


def test_the_day_of_the_loan_and_the_end_of_the_fall_in_figures() -> None:
    first = facts(BEGIN, prices=[FALL])
    assert (first.value_minor, first.loan.balance.minor, round(first.ltv, 4)) == (680_760_000, 408_456_000, 0.60)
    last = facts(BEGIN + timedelta(days=DAYS), prices=[FALL])
    base = borrowing_base(last)
    assert round(last.ltv, 3) == 0.789
    assert base.cure_minor / 100 == pytest.approx(462_917, abs=1)
    assert base.available_minor == -base.cure_minor  # every animal counts here


def test_no_thirty_days_of_it_are_a_crash_but_such_thirty_days_are_red_with_the_herd_as_second_witness() -> None:
    assert all(f.severity < Severity.RED for on in _days() for f in loan_findings(facts(on, prices=[FALL])))
    crash, on = falling(0.16, 28), BEGIN + timedelta(days=30)
    (red,) = loan_findings(facts(on, prices=[crash]))
    assert (red.severity, {t.witness for t in red.testimonies}) == (Severity.RED, {Witness.DOCUMENT, Witness.TAG})
    (alone,) = loan_findings(facts(on, prices=[crash], evidenced=False))
    assert alone.severity is Severity.ORANGE


def _grown(on: date, price: PriceSeries) -> LoanFacts:
    """The same herd as it really goes on: 1.55 kg a day until finished, 1.83 % dead in 167 days."""
    alive = round(HEAD * (1 - 0.0183) ** ((on - BEGIN).days / 167))
    standings: list[Standing] = herd(alive, seen=moment(on), weighed_on=BEGIN)
    return facts(on, standings=standings, prices=[price])


@pytest.mark.parametrize("seed", range(5))
def test_the_breach_is_announced_weeks_before_it_comes(seed: int) -> None:
    price = falling(0.24, DAYS, flat_days=26 * 7, noise=0.004, seed=seed)
    pictures = [_grown(BEGIN + timedelta(weeks=n), price) for n in range(27)]
    breach = next(n for n, picture in enumerate(pictures) if picture.ltv > 0.70)
    assert 15 <= breach <= 18
    for ahead in (6, 4, 2, 1):
        told = forecast(pictures[breach - ahead])
        assert told.points[0].median == pytest.approx(pictures[breach - ahead].ltv)
        assert told.breach_earliest is not None
        assert told.breach_earliest <= ahead <= (told.breach_latest or 27)
        assert told.breach_median is not None


def test_a_forecast_made_when_nothing_has_fallen_yet_names_no_breach() -> None:
    told = forecast(_grown(BEGIN, falling(0.24, DAYS, flat_days=26 * 7, noise=0.004)))
    assert (told.breach_median, told.breach_latest) == (None, None)
