"""Figures as people read them: head, money, shares, times with their zone, ages."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_compact_currency, format_currency, format_decimal, format_percent

from collateral.contract.http import Count
from dashboard.tables import unknown_reason
from dashboard.words import N_, _, language, locale

STALE_AFTER = timedelta(minutes=15)
COUNT_STALE_AFTER = timedelta(hours=2)
FEN = 100  # to the yuan
DASH = "–"
_YUAN = (
    (1e8, N_("{amount} hundred million yuan"), "##"), (1e4, N_("{amount} ten thousand yuan"), "#"),
    (1, N_("{amount} yuan"), "#"),
)  # fmt: skip


def default_zone() -> ZoneInfo:
    """The zone of farms whose own zone a page does not know: HERDLIEN_TIMEZONE."""
    return ZoneInfo(os.environ.get("HERDLIEN_TIMEZONE", "Asia/Shanghai"))


def head(number: float | None) -> str:
    """A number of animals."""
    return DASH if number is None else format_decimal(round(number), locale=locale())


def money(minor: int, currency: str) -> str:
    """An amount as one says it: in ten thousands of yuan in Chinese, CN¥12.34M in English."""
    if language() == "zh" and currency == "CNY":
        return _yuan(minor / FEN)
    digits = 1 if language() == "zh" else 2 if abs(minor) >= 1_000_000_00 else 0
    return format_compact_currency(minor / FEN, currency, fraction_digits=digits, locale=locale())


def _yuan(amount: float) -> str:
    """As a Chinese bank writes it: in yuan, ten thousands or hundred millions of them, with thousands apart."""
    scale, unit, digits = next((step for step in _YUAN if abs(amount) >= step[0]), _YUAN[-1])
    return _(unit).format(amount=format_decimal(amount / scale, format=f"#,##0.{digits}", locale=locale()))


def exact_money(minor: int, currency: str) -> str:
    """An amount in full, without fen."""
    return format_currency(minor / FEN, currency, locale=locale(), currency_digits=False, format="¤#,##0")


def per_kg(li: int, currency: str = "CNY") -> str:
    """A market price. `li`: thousandths of the currency's unit per kg of live weight."""
    return _("{price}/kg").format(price=format_currency(li / 1000, currency, locale=locale()))


def labelled(label: str, text: str) -> str:
    """A label and what it says, with the colon of the language."""
    return _("{label}: {text}").format(label=label, text=text)


def listed(names: Iterable[str]) -> str:
    """Several names in one line."""
    return _("{one}, {other}").format(one="", other="").join(names)


def share(value: float | None, digits: int = 1) -> str:
    """A share 0-1 as a percentage. Never rounded up to 100 %: one missing animal must show."""
    if value is None:
        return DASH
    cut = min(value, 1 - 10 ** -(digits + 2)) if value < 1 else value
    return format_percent(cut, format=f"0.{'0' * digits}%", locale=locale())


def clock(moment: datetime, zone: ZoneInfo | None = None) -> str:
    """Hour and minute at the farm, with the zone: 14:32 UTC+8."""
    local = moment.astimezone(zone or default_zone())
    return f"{local:%H:%M} {zone_label(local)}"


def day_and_clock(moment: datetime | None, zone: ZoneInfo | None = None) -> str:
    """Day, hour and minute at the farm, without the zone: for tables whose heading names it."""
    if moment is None:
        return DASH
    pattern = "M月d日 HH:mm" if language() == "zh" else "d MMM HH:mm"
    return format_datetime(moment.astimezone(zone or default_zone()), pattern, locale=locale())


def zone_label(moment: datetime) -> str:
    """UTC+8 and the like."""
    hours = (moment.utcoffset() or timedelta()) / timedelta(hours=1)
    return f"UTC{hours:+g}"


def zone_of(now: datetime) -> str:
    """The label of the zone that times are shown in."""
    return zone_label(now.astimezone(default_zone()))


def span(length: timedelta) -> str:
    """How long: 2 min, 3 hr, 5 days. Under a minute says so."""
    if abs(length) < timedelta(minutes=1):
        return _("less than 1 min")
    wide: Literal["long", "short"] = "long" if language() == "zh" else "short"
    return format_timedelta(abs(length), threshold=1.5, granularity="minute", format=wide, locale=locale())


def ago(moment: datetime | None, now: datetime) -> str:
    """How long ago, seen from `now`."""
    if moment is None:
        return _("never")
    if now - moment < timedelta(minutes=1):
        return _("just now")
    return _("{age} ago").format(age=span(now - moment))


def due_in(moment: datetime, now: datetime) -> str:
    """How long is left, or how long it is overdue."""
    left = moment - now
    words = _("{time} left") if left >= timedelta() else _("overdue by {time}")
    return words.format(time=span(left))


def as_of(moment: datetime, now: datetime, stale_after: timedelta = STALE_AFTER) -> str:
    """The age of a figure; grey with the word when it is old."""
    text = _("As of {clock}, {age}").format(clock=clock(moment), age=ago(moment, now))
    return text if now - moment <= stale_after else f":gray[:material/history: {text} · {_('stale')}]"


def is_stale(count: Count, now: datetime) -> bool:
    """Whether a head count is too old to speak for the present."""
    return count.as_of is not None and now - count.as_of > COUNT_STALE_AFTER


def count(value: Count) -> str:
    """A head count with its interval, or the word unknown."""
    if value.best is None:
        return _("unknown")
    if value.low == value.high:
        return head(value.best)
    return f"{head(value.best)} ({interval(value)})"


def interval(value: Count) -> str:
    """The interval of a head count."""
    return f"{head(value.low)}–{head(value.high)}"


def why_unknown(value: Count) -> str:
    """Why a head count is unknown, in words."""
    return unknown_reason(value.unknown_because) if value.unknown_because else _("no count yet")
