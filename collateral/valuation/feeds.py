"""The sheets that a bank feeds in: market prices, weighings, insurance policies, registry filings, core banking, and
what is seen on the farm without a tag: weather, patrols, comparisons of muzzles and faces.

People write yuan and kilograms; tables hold 厘 and grams.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from collateral.facts.loan import FiveClass
from collateral.model.herd import Species
from collateral.valuation.sheets import Column, Sheet

YES, NO = ("yes", "true", "1", "是"), ("no", "false", "0", "否")


def _word(text: str) -> str:
    if len(text) > 128:
        raise ValueError("is longer than 128 characters")
    return text


def _one_of(*words: str) -> Callable[[str], str]:
    def reading(text: str) -> str:
        if text not in words:
            raise ValueError(f"{text} is none of {', '.join(words)}")
        return text

    return reading


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text} is no day; write it as 2026-03-01") from None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text} is no time; write it as 2026-03-01T06:00+08:00") from None
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no time zone; write it as {text}+08:00")
    return moment.astimezone(UTC)


def _full_hour(text: str) -> datetime:
    moment = _moment(text)
    if moment.minute or moment.second or moment.microsecond:
        raise ValueError(f"{text} is no full hour")
    return moment


def _between(low: float, high: float) -> Callable[[str], float]:
    def reading(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise ValueError(f"{text} is no number") from None
        if not low <= value <= high:
            raise ValueError(f"{text} is not between {low:g} and {high:g}")
        return value

    return reading


def _hashes(text: str) -> list[str]:
    found = text.lower().split()
    if not all(len(each) == 64 and set(each) <= set("0123456789abcdef") for each in found):
        raise ValueError("holds something that is no SHA-256; write 64 hex digits a photo, with spaces between")
    return found


def _thousandths(most: int) -> Callable[[str], int]:
    """A number above 0 with at most three decimals, in whole thousandths: yuan to 厘, kilograms to grams."""

    def reading(text: str) -> int:
        try:
            exact = Decimal(text) * 1000
        except InvalidOperation:
            raise ValueError(f"{text} is no number") from None
        if not exact.is_finite() or not 0 < exact <= most * 1000:
            raise ValueError(f"{text} is not above 0 and at most {most}")
        if exact != exact.to_integral_value():
            raise ValueError(f"{text} has more than three decimals")
        return int(exact)

    return reading


def _whole(least: int, most: int) -> Callable[[str], int]:
    def reading(text: str) -> int:
        if not (text.isascii() and text.isdigit()) or not least <= int(text) <= most:
            raise ValueError(f"{text} is not a whole number from {least} to {most}")
        return int(text)

    return reading


def _percent(text: str) -> float:
    return _between(0, 100)(text) / 100


def _yes_or_no(text: str) -> bool:
    if text.lower() not in (*YES, *NO):
        raise ValueError(f"{text} is neither yes nor no")
    return text.lower() in YES


def _region(text: str) -> str:
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise ValueError(f"{text} is not the beginning of a county code, such as 13 or 130826")
    return text


_SPECIES = _one_of(*Species)
_HEAD, _DAYS = _whole(1, 1_000_000), _whole(0, 20_000)
_LOAN = Column(name="loan_id", read=_word)
_FARM = Column(name="farm_id", read=_word)
_CLASS = Column(name="stock_class", read=_word, may_be_empty=True, otherwise="")

SHEETS: dict[str, Sheet] = {
    sheet.kind: sheet
    for sheet in (
        Sheet(
            kind="prices",
            columns=(
                Column(name="species", read=_SPECIES), _CLASS,
                Column(name="region", read=_region, may_be_empty=True, otherwise=""),
                Column(name="source", read=_word), Column(name="priced_on", read=_day, is_past=True),
                Column(name="yuan_per_kg", read=_thousandths(1_000), becomes="li_per_kg"),
            ),
            key=("species", "stock_class", "region", "source", "priced_on"),
        ),
        Sheet(
            kind="weighings",
            columns=(
                Column(name="animal_id", read=_word, may_be_empty=True),
                Column(name="group_id", read=_word, may_be_empty=True),
                Column(name="weighed_on", read=_day, is_past=True),
                Column(name="weight_kg", read=_thousandths(2_000), becomes="weight_g"), _CLASS,
                Column(name="source", read=_word),
            ),
            key=("animal_id", "group_id", "weighed_on"), exactly_one=("animal_id", "group_id"),
        ),
        Sheet(
            kind="policies",
            columns=(
                Column(name="policy_no", read=_word), _LOAN, Column(name="insurer", read=_word),
                Column(name="species", read=_SPECIES, may_be_empty=True), Column(name="insured_head", read=_HEAD),
                Column(name="begins_on", read=_day), Column(name="ends_on", read=_day),
                Column(name="bank_is_first_beneficiary", read=_yes_or_no),
            ),
            key=("policy_no",), spans=(("begins_on", "ends_on"),),
        ),
        Sheet(
            kind="filings",
            columns=(
                Column(name="registration_no", read=_word), _LOAN,
                Column(name="filed_on", read=_day, is_past=True), Column(name="ends_on", read=_day),
            ),
            key=("registration_no",), spans=(("filed_on", "ends_on"),),
        ),
        Sheet(
            kind="core-banking",
            columns=(
                _LOAN, Column(name="status_on", read=_day, is_past=True), Column(name="overdue_days", read=_DAYS),
                Column(name="five_class", read=_one_of(*FiveClass)),
                Column(name="drawdown_as_agreed", read=_yes_or_no, may_be_empty=True),
                Column(name="supervisor", read=_word, may_be_empty=True),
            ),
            key=("loan_id", "status_on"),
        ),
        Sheet(
            kind="weather",
            columns=(
                _FARM, Column(name="at", read=_full_hour), Column(name="temp_c", read=_between(-60, 60)),
                Column(name="humidity_pct", read=_percent, becomes="humidity", may_be_empty=True),
                Column(name="source", read=_word),
            ),
            key=("farm_id", "at"),
        ),
        Sheet(
            kind="patrols",
            columns=(
                Column(name="patrol_id", read=_word), _FARM, _LOAN, Column(name="supervisor", read=_word),
                Column(name="due_at", read=_moment), Column(name="done_at", read=_moment, may_be_empty=True),
                Column(name="latitude", read=_between(-90, 90), may_be_empty=True),
                Column(name="longitude", read=_between(-180, 180), may_be_empty=True),
                Column(name="counted", read=_whole(0, 1_000_000), may_be_empty=True),
                Column(name="book", read=_whole(0, 1_000_000), may_be_empty=True),
                Column(name="photos", read=_hashes, may_be_empty=True, otherwise=[]),
            ),
            key=("patrol_id",), together=("latitude", "longitude"),
        ),
        Sheet(
            kind="identity-checks",
            columns=(
                Column(name="animal_id", read=_word), Column(name="checked_at", read=_moment),
                Column(name="matched", read=_yes_or_no), Column(name="method", read=_one_of("muzzle", "face")),
                Column(name="checked_by", read=_word),
            ),
            key=("animal_id", "checked_at"),
        ),
    )
}  # fmt: skip
