"""Which days count as working days, and how long a term of them lasts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

BANK_TIME = timezone(timedelta(hours=8))  # all of China, no summer time
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Weekends, and what the State Council announces each year: `holidays` are free, `worked` are weekend days that
    are worked instead (调休). `known_to`: the last day that an announcement covers; None where none is counted on.

    After `known_to` only weekends are free. Nothing is guessed: a limit then comes too early rather than too late.
    """

    holidays: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()
    zone: tzinfo = BANK_TIME
    known_to: date | None = None

    def but(self, holidays: frozenset[date], worked: frozenset[date]) -> WorkingDays:
        """The same with a bank's own days, which win over what is announced."""
        return replace(self, holidays=(self.holidays - worked) | holidays, worked=(self.worked - holidays) | worked)

    def is_working(self, day: date) -> bool:
        return day in self.worked or (day not in self.holidays and day.weekday() < _SATURDAY)

    def after(self, start: datetime, days: int) -> datetime:
        """The moment `days` working days after `start` (aware): the clock stands still on days off.

        Friday 15:00 and one day is Monday 15:00; Saturday and one day is the end of Monday.
        """
        left, at = timedelta(days=days), start.astimezone(self.zone)
        while True:
            midnight = datetime.combine(at.date() + timedelta(days=1), time(), self.zone)
            if self.is_working(at.date()):
                if at + left <= midnight:
                    return (at + left).astimezone(UTC)
                left -= midnight - at
            at = midnight


WEEKENDS = WorkingDays()
