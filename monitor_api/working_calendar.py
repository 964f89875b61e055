"""Which days the bank works: China's announced days off and worked weekends, and the bank's own, which win."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from math import nan
from pathlib import Path
from typing import Literal

from chinese_calendar.constants import holidays as china_off
from chinese_calendar.constants import workdays as china_worked
from pydantic import Field

from collateral.alerting.working_days import WEEKENDS, WorkingDays
from collateral.contract.spreadsheet import TableRefused, records, separator_of, text_of
from collateral.settings.fragments import Fragment, SettingsError

RENEW_BEFORE = timedelta(days=30)  # [I] the longest limit is ten working days
HOLIDAY, WORKING = "holiday", "working"
_OWN_DAYS = "HERDLIEN_WORKING_DAYS_FILE"


class CalendarSettings(Fragment):
    """Whose announced days off count, and the bank's own days beside them."""

    working_days: Literal["CN", "none"] = Field(
        default="CN", title="Working days",
        description="CN: China's public holidays and worked weekends (调休) as announced; none: weekends alone.",
    )  # fmt: skip
    working_days_file: Path | None = Field(
        default=None, title="Own days",
        description="CSV file with lines such as 2027-02-05,holiday or 2027-02-20,working; they win. Read at start.",
    )  # fmt: skip
    holidays: str = Field(
        default="", title="Holidays", description="A few own days off, as 2026-10-01 separated by commas; they win too."
    )
    worked_weekends: str = Field(
        default="", title="Worked weekends", description="A few own weekend days that are worked, likewise."
    )

    def calendar(self) -> WorkingDays:
        """The bank's calendar. Raises SettingsError where a day cannot be read or is both off and worked."""
        free, worked = _dates("HOLIDAYS", self.holidays), _dates("WORKED_WEEKENDS", self.worked_weekends)
        if self.working_days_file:
            more_free, more_worked = own_days(self.working_days_file)
            free, worked = free | more_free, worked | more_worked
        if both := free & worked:
            raise SettingsError(
                f"{min(both)} is set both as a holiday and as worked; keep one, in {_OWN_DAYS} or beside"
            )
        return (china() if self.working_days == "CN" else WEEKENDS).but(free, worked)


@cache
def calendar() -> WorkingDays:
    """The bank's calendar, read once."""
    return CalendarSettings().calendar()


def china() -> WorkingDays:
    """China's days as the State Council has announced them, up to the end of the last year that it has."""
    last = max(china_off).year
    return WorkingDays(frozenset(china_off), frozenset(china_worked), known_to=date(last, 12, 31))


def known_to(days: WorkingDays) -> float:
    """Unix time at the end of the last day that is announced; NaN where no announcements are counted on."""
    if days.known_to is None:
        return nan
    return datetime.combine(days.known_to + timedelta(days=1), time(), days.zone).astimezone(UTC).timestamp()


def runs_out(days: WorkingDays, now: datetime) -> str | None:
    """What to do where the announced days end within a month of `now`, or None."""
    if days.known_to is None or now.timestamp() + RENEW_BEFORE.total_seconds() < known_to(days):
        return None
    return (
        f"days off are known up to {days.known_to}; after it only weekends are free and limits may come too early:"
        f" update the package chinesecalendar when the State Council has announced them, or list them in {_OWN_DAYS}"
    )


def own_days(path: Path) -> tuple[frozenset[date], frozenset[date]]:
    """Days off and days worked in a CSV file; a third column is for people. Raises SettingsError naming the line."""
    found: dict[str, set[date]] = {HOLIDAY: set(), WORKING: set()}
    try:
        text = text_of(path.read_bytes())
        first = next((line for line in text.splitlines() if not _is_remark(line)), "")
        for number, row in records(text, separator_of(first, found)):
            if any(row) and not _is_remark(row[0]):
                day, kind = _own_day(row, f"{_OWN_DAYS}: {path} line {number}")
                found[kind].add(day)
    except (OSError, TableRefused) as error:
        raise SettingsError(f"{_OWN_DAYS}: cannot read {path} ({error})") from error
    return frozenset(found[HOLIDAY]), frozenset(found[WORKING])


def _is_remark(text: str) -> bool:
    return text.lstrip().startswith("#")


def _own_day(row: list[str], where: str) -> tuple[date, str]:
    day, kind = row[0], row[1] if len(row) > 1 else ""
    if kind not in {HOLIDAY, WORKING}:
        raise SettingsError(
            f"{where}: {kind!r} is neither {HOLIDAY} nor {WORKING}; write for instance 2027-02-05,holiday"
        )
    try:
        return date.fromisoformat(day), kind
    except ValueError as error:
        raise SettingsError(f"{where}: {error}; write days as 2027-02-05") from error


def _dates(name: str, text: str) -> frozenset[date]:
    try:
        return frozenset(date.fromisoformat(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise SettingsError(f"HERDLIEN_{name}: {error}; write dates as 2026-10-01, separated by commas") from error
