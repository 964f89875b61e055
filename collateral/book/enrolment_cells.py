"""One cell of an enrolment file at a time: text to value, or why not. Pure."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date

from collateral.contract.topics import is_name
from collateral.model import cn_tag
from collateral.model.herd import Species
from collateral.model.saying import Saying, say

OLDEST_YEARS = 30  # no farm animal that secures a loan is older [I]
HEAVIEST_KG = {Species.PIG: 500.0, Species.CATTLE: 2000.0, Species.SHEEP: 250.0}  # beyond the largest breeds [I]
DEAREST_YUAN = 1_000_000.0  # a figure above this is in fen, or of the whole herd [I]
MOST_HEAD = 1_000_000  # of one group; the largest pig farms of the world hold as many [I]
_NATIONAL_MOST = 2**38 - 1  # ISO 11784: 38 bits of national code
_SPECIES = {"cattle": "牛 肉牛 奶牛", "sheep": "羊 绵羊 山羊", "pig": "猪 生猪"}
_SPECIES_WORD = {word: Species(name) for name, words in _SPECIES.items() for word in (name, *words.split())}
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{4})(\d{2})(\d{2})")
_ROUNDED = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
AS_TEXT = say("a spreadsheet has rounded the number: format the column as text and enter it again")


@dataclass(frozen=True, slots=True)
class Bad:
    """Why a cell cannot be taken, and what to do."""

    code: str
    why: Saying
    fix: Saying


def species(text: str) -> Species | Bad:
    """cattle, sheep or pig, in English or Chinese."""
    known = _SPECIES_WORD.get(text.casefold())
    return known or Bad("species", say("is no species that is known"), say("write cattle, sheep or pig (牛, 羊, 猪)"))


def ear_tag(text: str, of: Species, counties: frozenset[str]) -> str | Bad:
    """A 畜禽标识 of that species. `counties` empty: only the province is checked."""
    if _ROUNDED.fullmatch(text):
        return Bad("rounded", say("is not a whole number"), AS_TEXT)
    try:
        tag = cn_tag.parse(text)
    except cn_tag.NoCnTag as error:
        again = say("read the ear tag again: 15 digits, species 1, county 6, serial 8")
        return Bad("ear_tag", error.said, again)
    if tag.species is not of:
        due = cn_tag.SPECIES_DIGIT[of]
        begins = say("begins with {digit}, but a number of {species} begins with {due}",
                     digit=tag.number[0], species=of, due=due)  # fmt: skip
        return Bad("species_digit", begins, say("correct the species or the number"))
    if tag.county[:2] not in cn_tag.PROVINCES:
        why = say("county {county} lies in no province", county=tag.county)
        return Bad("county", why, say("read the ear tag again"))
    if counties and tag.county not in counties:
        return Bad("county", say("county {county} is none that the bank knows", county=tag.county),
                   say("read the ear tag again, or add the county to HERDLIEN_COUNTIES"))  # fmt: skip
    return tag.number


def rfid(text: str) -> str | Bad:
    """An ISO 11784 number as 15 decimal digits: country or manufacturer (3), national code (12)."""
    if _ROUNDED.fullmatch(text):
        return Bad("rounded", say("is not a whole number"), AS_TEXT)
    bare = text.replace(" ", "")
    if not (bare.isascii() and bare.isdigit() and len(bare) == cn_tag.DIGITS):
        return Bad("rfid", say("is not 15 digits"), say("read the transponder again"))
    if bare[:3] == "000" or int(bare[3:]) > _NATIONAL_MOST:
        return Bad("rfid", say("is no ISO 11784 number"), say("read the transponder again"))
    return bare


def dev_eui(text: str) -> str | Bad:
    """A DevEUI as 16 lower-case hex digits."""
    bare = re.sub(r"[-: ]", "", text).lower()
    if not re.fullmatch(r"[0-9a-f]{16}", bare) or len(set(bare)) == 1:
        return Bad("dev_eui", say("is no DevEUI"), say("write the 16 hex digits printed on the device"))
    return bare


def born(text: str, today: date) -> date | Bad:
    """A day that an animal alive today can have been born on."""
    found = _DATE.fullmatch(text)
    if not found:
        return Bad("date", say("is no date"), say("write it as 2025-03-31"))
    try:
        day = date(*(int(part) for part in found.groups() if part))
    except ValueError:
        return Bad("date", say("is no day of the calendar"), say("correct it"))
    if day > today:
        return Bad("date", say("lies in the future"), say("correct it"))
    if today.year - day.year > OLDEST_YEARS:
        return Bad("date", say("is more than {years} years ago", years=OLDEST_YEARS), say("correct it"))
    return day


def weight_kg(text: str, of: Species) -> float | Bad:
    """A weight in kilograms that an animal of the species can have."""
    number = _number(text)
    if number is None:
        return Bad("weight_kg", say("is no number"), say("write kilograms, such as 450"))
    if not 0 < number <= HEAVIEST_KG[of]:
        most = say("write above 0 and up to {most:.0f}", most=HEAVIEST_KG[of])
        return Bad("weight_kg", say("is no weight of {species} in kilograms", species=of), most)
    return round(number, 1)  # no scale for cattle shows more, and the book would not keep it


def value_minor(text: str) -> int | Bad:
    """An amount in yuan, as fen."""
    number = _number(text.replace(",", "").removeprefix("¥").removesuffix("元"))
    if number is None:
        return Bad("value", say("is no amount"), say("write yuan, such as 15000"))
    if not 0 < number <= DEAREST_YUAN:
        most = say("write above 0 and up to {most:.0f}", most=DEAREST_YUAN)
        return Bad("value", say("is no value of one head in yuan"), most)
    return round(number * 100)


def head(text: str) -> int | Bad:
    """How many head a group has; 0: none yet."""
    number = _number(text.replace(",", "").rstrip("头只"))
    if number is None or number != int(number):
        return Bad("head", say("is no number of head"), say("write a whole number, such as 300"))
    if not 0 <= number <= MOST_HEAD:
        return Bad("head", say("is no head of one group"), say("write a number from 0 to {most}", most=MOST_HEAD))
    return int(number)


def name(text: str) -> str | Bad:
    """A name that the book can go by."""
    if not is_name(text):
        return Bad("name", say("is no name that the book can go by"),
                   say("write letters, digits, - and _, at most 64 of them"))  # fmt: skip
    return text


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
