"""Working days, limits, precision of rules, and the SLA report, against figures worked out by hand."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.alerting.deadlines import due, limit
from collateral.alerting.precision import Outcome, precision_by_rule, weekly, wilson
from collateral.alerting.sla import Handled, sla_report
from collateral.alerting.working_days import BANK_TIME, WEEKENDS, WorkingDays
from collateral.model.case import Disposition, Stage
from collateral.model.finding import Severity
from tests.herds import NOW

GOLDEN_WEEK = WorkingDays(
    holidays=frozenset(date(2026, 10, day) for day in range(1, 8)), worked=frozenset({date(2026, 10, 10)})
)


def beijing(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BANK_TIME)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (beijing(3, 3, 15), 1, beijing(3, 4, 15)),  # Tuesday to Wednesday
        (beijing(3, 6, 15), 1, beijing(3, 9, 15)),  # Friday to Monday
        (beijing(3, 7, 10), 1, beijing(3, 10, 0)),  # Saturday: all of Monday
        (beijing(3, 6, 15), 10, beijing(3, 20, 15)),
    ],
)
def test_the_clock_stands_still_at_weekends(start: datetime, days: int, end: datetime) -> None:
    assert WEEKENDS.after(start, days) == end


def test_a_holiday_week_and_the_saturday_that_is_worked_for_it() -> None:
    eve = beijing(9, 30, 15)  # a Wednesday
    assert WEEKENDS.after(eve, 1) == beijing(10, 1, 15)
    assert GOLDEN_WEEK.after(eve, 1) == beijing(10, 8, 15)
    assert GOLDEN_WEEK.after(eve, 3) == beijing(10, 10, 15)


@given(minutes=st.integers(0, 365 * 1440), days=st.integers(1, 30))
def test_a_term_ends_on_a_working_day_and_holds_that_many_of_them(minutes: int, days: int) -> None:
    begins = beijing(1, 1) + timedelta(minutes=minutes)
    ends = GOLDEN_WEEK.after(begins, days).astimezone(BANK_TIME)
    last_moment = ends - timedelta(microseconds=1)
    assert GOLDEN_WEEK.is_working(last_moment.date())
    worked, at = timedelta(0), begins
    while at < ends:
        step = min(ends, datetime.combine(at.date() + timedelta(days=1), datetime.min.time(), BANK_TIME))
        worked += step - at if GOLDEN_WEEK.is_working(at.date()) else timedelta(0)
        at = step
    assert worked == timedelta(days=days)


def test_the_limits_of_the_levels() -> None:
    monday = beijing(3, 2, 9)
    after = {s.word: due(s, monday) - monday for s in Severity}
    assert after == {
        "red": timedelta(minutes=30), "orange": timedelta(hours=4), "yellow": timedelta(days=1),
        "blue": timedelta(days=14),
    }  # fmt: skip
    assert limit(Stage.VERIFYING, Severity.RED, monday) - monday == timedelta(hours=24)
    assert limit(Stage.CONFIRMED, Severity.RED, monday) - monday == timedelta(hours=48)
    assert limit(Stage.ACKNOWLEDGED, Severity.ORANGE, monday) - monday == timedelta(hours=48)
    assert limit(Stage.ACKNOWLEDGED, Severity.YELLOW, monday) - monday == timedelta(days=7)


def outcomes(rule: str, confirmed: int, false: int, explained: int = 0, unsaid: int = 0) -> list[Outcome]:
    said = [Disposition.CONFIRMED] * confirmed + [Disposition.FALSE_ALARM] * false + [Disposition.EXPLAINED] * explained
    return [Outcome(rule=rule, opened_at=NOW, disposition=d) for d in [*said, *[None] * unsaid]]


def test_precision_is_of_what_people_judged_true_or_false() -> None:
    gap, theft = precision_by_rule([*outcomes("theft", 8, 2, 5, 1), *outcomes("gap", 0, 0, 0, 3)])
    assert (theft.alerts, theft.confirmed, theft.false_alarms, theft.explained) == (16, 8, 2, 5)
    assert theft.precision == pytest.approx(0.8)
    # Wilson, worked out by hand for 8 of 10.
    assert (theft.low, theft.high) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))
    assert (gap.precision, gap.low, gap.high) == (None, 0.0, 1.0)


@given(of=st.integers(1, 400), share=st.floats(0, 1))
def test_the_interval_holds_the_share_and_stays_within_it(of: int, share: float) -> None:
    hits = round(share * of)
    low, high = wilson(hits, of)
    assert 0.0 <= low <= hits / of <= high <= 1.0


def test_weeks_begin_on_monday_in_the_banks_time() -> None:
    sunday_night, monday = datetime(2026, 3, 1, 15, 59, tzinfo=UTC), datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
    found = [Outcome(rule="r", opened_at=at, disposition=None) for at in (sunday_night, monday)]
    assert list(weekly(found)) == [date(2026, 2, 23), date(2026, 3, 2)]


def handled(severity: Severity, acknowledged_min: float | None, closed_min: float | None = None) -> Handled:
    at = [NOW + timedelta(minutes=m) if m is not None else None for m in (acknowledged_min, closed_min)]
    return Handled(severity=severity, opened_at=NOW, raised_at=NOW, acknowledged_at=at[0], closed_at=at[1])


def test_the_report_tells_times_and_who_was_late() -> None:
    cases = [
        handled(Severity.RED, 10, 60), handled(Severity.RED, 20), handled(Severity.RED, 45), handled(Severity.RED, None),
        handled(Severity.ORANGE, None, 30), handled(Severity.ORANGE, None),
    ]  # fmt: skip
    red, orange, yellow, _ = sla_report(cases, NOW + timedelta(hours=1))
    assert (red.cases, red.in_time, red.late, red.closed) == (4, 2, 2, 1)
    assert (red.acknowledge_median_s, red.acknowledge_worst_s, red.close_median_s) == (1200.0, 2700.0, 3600.0)
    assert (orange.cases, orange.in_time, orange.late) == (2, 1, 0)
    assert (yellow.cases, yellow.acknowledge_median_s) == (0, None)
