"""Days off as China announces them, worked weekends among them, a bank's own days, and what is not announced yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import isnan
from pathlib import Path

import pytest

from collateral.alerting.cases import open_case
from collateral.alerting.deadlines import due, limit
from collateral.alerting.sla import Handled, sla_report
from collateral.alerting.working_days import BANK_TIME, WEEKENDS
from collateral.model.case import Stage
from collateral.model.finding import Severity
from collateral.model.ids import BranchId
from collateral.settings.fragments import SettingsError
from monitor_api.working_calendar import CalendarSettings, china, known_to, own_days, runs_out
from tests.unit.collateral.test_alerting import STAKES, finding

CHINA = CalendarSettings().calendar()


def beijing(month: int, day: int, hour: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=BANK_TIME)


# 国办发明电〔2025〕7号, the State Council's notice of 4 November 2025 on the holidays of 2026.
OFF_2026 = [
    (date(2026, 1, 1), 3), (date(2026, 2, 15), 9), (date(2026, 4, 4), 3), (date(2026, 5, 1), 5), (date(2026, 6, 19), 3),
    (date(2026, 9, 25), 3), (date(2026, 10, 1), 7),
]  # fmt: skip
WORKED_2026 = [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)]


def test_the_year_2026_is_as_the_state_council_has_announced_it() -> None:
    off = {first + timedelta(days=n) for first, days in OFF_2026 for n in range(days)}
    worked = {date(2026, month, day) for month, day in WORKED_2026}
    year = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert [d for d in year if CHINA.is_working(d)] == [
        d for d in year if d in worked or (d.weekday() < 5 and d not in off)
    ]


def test_of_2025_the_saturday_and_sunday_worked_for_the_spring_festival_are_known() -> None:
    days = [date(2025, 1, 26), date(2025, 1, 27), date(2025, 1, 28), date(2025, 2, 4), date(2025, 2, 8)]
    assert [CHINA.is_working(day) for day in days] == [True, True, False, False, True]


def test_a_yellow_case_opened_the_day_before_the_spring_festival_is_due_after_it() -> None:
    eve = beijing(2, 14, 10)  # a Saturday that is worked
    yellow = replace(finding("tag_silence"), severity=Severity.YELLOW)
    case = open_case(yellow, BranchId("b1"), STAKES, eve.astimezone(UTC), calendar=CHINA).case
    assert case.due_at == beijing(2, 24, 10)
    assert due(Severity.YELLOW, eve, WEEKENDS) == beijing(2, 17), "by weekends alone it was due in the middle of it"


def test_the_saturday_worked_for_the_festival_is_a_working_day() -> None:
    friday = beijing(2, 13, 15)
    assert due(Severity.YELLOW, friday, CHINA) == beijing(2, 14, 15)
    assert limit(Stage.ACKNOWLEDGED, Severity.YELLOW, friday, CHINA) == beijing(2, 27, 15)
    assert limit(Stage.NEW, Severity.YELLOW, beijing(2, 27, 15), CHINA) == beijing(2, 28, 15)


def test_red_and_orange_know_no_days_off() -> None:
    eve = beijing(2, 14, 10)
    assert due(Severity.RED, eve, CHINA) == eve + timedelta(minutes=30)
    assert due(Severity.ORANGE, eve, CHINA) == eve + timedelta(hours=4)


def test_who_answers_on_the_first_working_day_after_the_festival_is_in_time() -> None:
    eve = beijing(2, 14, 10)
    answered = Handled(
        severity=Severity.YELLOW, opened_at=eve, raised_at=eve, acknowledged_at=beijing(2, 24, 9), closed_at=None
    )
    late = [line.late for line in sla_report([answered], beijing(2, 25), CHINA) if line.cases]
    assert late == [0]
    assert [line.late for line in sla_report([answered], beijing(2, 25), WEEKENDS) if line.cases] == [1]


def test_after_the_last_announced_day_only_weekends_are_free_and_limits_come_early_rather_than_late() -> None:
    assert CHINA.known_to is not None
    after = CHINA.known_to + timedelta(days=1)
    days = [after + timedelta(days=n) for n in range(365)]
    assert [CHINA.is_working(day) for day in days] == [WEEKENDS.is_working(day) for day in days]


def test_a_month_before_the_announced_days_end_it_is_said_what_to_do() -> None:
    assert CHINA.known_to is not None
    end = datetime.combine(CHINA.known_to, datetime.min.time(), BANK_TIME) + timedelta(days=1)
    assert runs_out(CHINA, end - timedelta(days=31)) is None
    said = runs_out(CHINA, end - timedelta(days=29))
    assert said is not None
    assert str(CHINA.known_to) in said
    assert "chinesecalendar" in said
    assert known_to(CHINA) == end.timestamp()


def test_a_bank_elsewhere_counts_weekends_alone_and_waits_for_no_announcement() -> None:
    plain = CalendarSettings(working_days="none").calendar()
    assert plain == WEEKENDS
    assert runs_out(plain, beijing(12, 31)) is None
    assert isnan(known_to(plain))


def test_a_banks_own_days_win(tmp_path: Path) -> None:
    own = tmp_path / "days.csv"
    own.write_text(
        "\ufeff# our own\n2026-02-14,holiday,branches closed\n2026-02-23, working ,quarter ends\n\n2027-03-02,holiday\n"
    )
    calendar = CalendarSettings(working_days_file=own, holidays="2026-03-03", worked_weekends="2026-03-07").calendar()
    days = [date(2026, 2, 14), date(2026, 2, 23), date(2027, 3, 2), date(2026, 3, 3), date(2026, 3, 7)]
    assert [CHINA.is_working(day) for day in days] == [True, False, True, True, False]
    assert [calendar.is_working(day) for day in days] == [False, True, False, False, True]
    assert calendar.is_working(date(2026, 2, 28)), "what the file does not name stays as announced"
    assert calendar.known_to == china().known_to


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_file_of_own_days_is_read_as_chinese_spreadsheets_save_it(tmp_path: Path, separator: str) -> None:
    own = tmp_path / "days.csv"
    rows = [
        "# 本行, 自定",
        separator.join(("2026-02-14", "holiday", "网点关门")),
        separator.join(("２026-02-23", "working")),
    ]
    for encoding in ("utf-8-sig", "gb18030"):
        own.write_bytes("\r\n".join(rows).encode(encoding))
        assert own_days(own) == ({date(2026, 2, 14)}, {date(2026, 2, 23)})


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2026-02-30,holiday", "line 2"),
        ('2026-02-14,holiday,"', "line 2: is no CSV from here on"),
        ("14 February,holiday", "write days as 2027-02-05"),
        ("2026-02-14,closed", "'closed' is neither holiday nor working"),
        ("2026-02-14", "neither holiday nor working"),
        ("2026-05-01,working", "2026-05-01 is set both as a holiday and as worked"),
    ],
)
def test_what_cannot_be_read_in_the_file_is_named_by_its_line(tmp_path: Path, line: str, said: str) -> None:
    own = tmp_path / "days.csv"
    own.write_text(f"2026-05-01,holiday\n{line}\n")
    with pytest.raises(SettingsError, match="HERDLIEN_WORKING_DAYS_FILE") as refused:
        CalendarSettings(working_days_file=own).calendar()
    assert said in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot read"):
        CalendarSettings(working_days_file=tmp_path / "none.csv").calendar()


def test_days_set_one_by_one_are_read_and_a_wrong_one_is_named() -> None:
    calendar = CalendarSettings(working_days="none", holidays="2026-10-01, 2026-10-02", worked_weekends="2026-10-10").calendar()  # fmt: skip
    assert [calendar.is_working(date(2026, 10, day)) for day in (1, 2, 5, 10, 11)] == [False, False, True, True, False]
    with pytest.raises(SettingsError, match="HERDLIEN_HOLIDAYS"):
        CalendarSettings(holidays="1 October").calendar()
