"""One cell of an enrolment file at a time: text to value, or why not. Pure."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date

from collateral.model import cn_tag
from collateral.model.herd import Species

OLDEST_YEARS = 30  # no farm animal that secures a loan is older [I]
HEAVIEST_KG = {Species.PIG: 500.0, Species.CATTLE: 2000.0, Species.SHEEP: 250.0}  # beyond the largest breeds [I]
DEAREST_YUAN = 1_000_000.0  # a figure above this is in fen, or of the whole herd [I]
_NATIONAL_MOST = 2**38 - 1  # ISO 11784: 38 bits of national code
_SPECIES = {"cattle": "牛 肉牛 奶牛", "sheep": "羊 绵羊 山羊", "pig": "猪 生猪"}
_SPECIES_WORD = {word: Species(name) for name, words in _SPECIES.items() for word in (name, *words.split())}
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{4})(\d{2})(\d{2})")
_ROUNDED = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
AS_TEXT = "a spreadsheet has rounded the number: format the column as text and enter it again"


@dataclass(frozen=True, slots=True)
class Bad:
    """Why a cell cannot be taken, and what to do."""

    code: str
    why: str
    fix: str


def species(text: str) -> Species | Bad:
    """cattle, sheep or pig, in English or Chinese."""
    known = _SPECIES_WORD.get(text.casefold())
    return known or Bad("species", "is no species that is known", "write cattle, sheep or pig (牛, 羊, 猪)")


def ear_tag(text: str, of: Species, counties: frozenset[str]) -> str | Bad:
    """A 畜禽标识 of that species. `counties` empty: only the province is checked."""
    if _ROUNDED.fullmatch(text):
        return Bad("rounded", "is not a whole number", AS_TEXT)
    try:
        tag = cn_tag.parse(text)
    except cn_tag.NoCnTag as error:
        return Bad("ear_tag", str(error), "read the ear tag again: 15 digits, species 1, county 6, serial 8")
    if tag.species is not of:
        due = cn_tag.SPECIES_DIGIT[of]
        return Bad("species_digit", f"begins with {tag.number[0]}, but a number of {of} begins with {due}",
                   "correct the species or the number")  # fmt: skip
    if tag.county[:2] not in cn_tag.PROVINCES:
        return Bad("county", f"county {tag.county} lies in no province", "read the ear tag again")
    if counties and tag.county not in counties:
        return Bad("county", f"county {tag.county} is none that the bank knows",
                   "read the ear tag again, or add the county to HERDLIEN_COUNTIES")  # fmt: skip
    return tag.number


def rfid(text: str) -> str | Bad:
    """An ISO 11784 number as 15 decimal digits: country or manufacturer (3), national code (12)."""
    if _ROUNDED.fullmatch(text):
        return Bad("rounded", "is not a whole number", AS_TEXT)
    bare = text.replace(" ", "")
    if not (bare.isascii() and bare.isdigit() and len(bare) == cn_tag.DIGITS):
        return Bad("rfid", "is not 15 digits", "read the transponder again")
    if bare[:3] == "000" or int(bare[3:]) > _NATIONAL_MOST:
        return Bad("rfid", "is no ISO 11784 number", "read the transponder again")
    return bare


def dev_eui(text: str) -> str | Bad:
    """A DevEUI as 16 lower-case hex digits."""
    bare = re.sub(r"[-: ]", "", text).lower()
    if not re.fullmatch(r"[0-9a-f]{16}", bare) or len(set(bare)) == 1:
        return Bad("dev_eui", "is no DevEUI", "write the 16 hex digits printed on the device")
    return bare


def born(text: str, today: date) -> date | Bad:
    """A day that an animal alive today can have been born on."""
    found = _DATE.fullmatch(text)
    if not found:
        return Bad("date", "is no date", "write it as 2025-03-31")
    try:
        day = date(*(int(part) for part in found.groups() if part))
    except ValueError:
        return Bad("date", "is no day of the calendar", "correct it")
    if day > today:
        return Bad("date", "lies in the future", "correct it")
    if today.year - day.year > OLDEST_YEARS:
        return Bad("date", f"is more than {OLDEST_YEARS} years ago", "correct it")
    return day


def weight_kg(text: str, of: Species) -> float | Bad:
    """A weight in kilograms that an animal of the species can have."""
    number = _number(text)
    if number is None:
        return Bad("weight_kg", "is no number", "write kilograms, such as 450")
    if not 0 < number <= HEAVIEST_KG[of]:
        return Bad("weight_kg", f"is no weight of {of} in kilograms", f"write above 0 and up to {HEAVIEST_KG[of]:.0f}")
    return round(number, 1)  # no scale for cattle shows more, and the book would not keep it


def value_minor(text: str) -> int | Bad:
    """An amount in yuan, as fen."""
    number = _number(text.replace(",", "").removeprefix("¥").removesuffix("元"))
    if number is None:
        return Bad("value", "is no amount", "write yuan, such as 15000")
    if not 0 < number <= DEAREST_YUAN:
        return Bad("value", "is no value of one head in yuan", f"write above 0 and up to {DEAREST_YUAN:.0f}")
    return round(number * 100)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
