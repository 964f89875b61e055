"""The pilot as a person wrote it down (`pilot.toml`)."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

PILOT = Path(__file__).with_name("pilot.toml")


class PilotBranch(Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    name_zh: str
    name_en: str


class PilotPerson(Struct, frozen=True, forbid_unknown_fields=True):
    login: str
    name: str
    role: str
    branch: str | None = None
    farm: str | None = None
    language: str = "zh"


class PilotSpecies(Struct, frozen=True, forbid_unknown_fields=True):
    """`weight_kg`: mean and standard deviation. `pen_m`: width and depth. `digit`: first of the official tag."""

    digit: int
    price_yuan_per_kg: float
    weight_kg: tuple[float, float]
    months_old: tuple[int, int]
    pen_m: tuple[float, float]
    tag_model: str = ""


class PilotHerd(Struct, frozen=True, forbid_unknown_fields=True):
    """`pens`: head in each. `cameras`: which of them have one, from 1. `as_group`: known by number only."""

    species: str
    pens: list[int]
    loan: str
    cameras: list[int]
    as_group: bool = False


class PilotFarm(Struct, frozen=True, forbid_unknown_fields=True):
    """`gateways`: how many stand along the alley. `county`: six digits of the official tags."""

    id: str
    branch: str
    name_zh: str
    name_en: str
    lat: float
    lon: float
    timezone: str
    county: str
    gateways: int
    herd: list[PilotHerd]


class PilotLoan(Struct, frozen=True, forbid_unknown_fields=True):
    """`ltv`: balance as a share of the assessed value on the day of enrolment."""

    id: str
    branch: str
    contract_no: str
    borrower_zh: str
    borrower_en: str
    principal_yuan: int
    ltv: float
    ltv_ceiling: float
    drawn_days_ago: int
    months: int


class Pilot(Struct, frozen=True, forbid_unknown_fields=True):
    branch: list[PilotBranch]
    person: list[PilotPerson]
    species: dict[str, PilotSpecies]
    farm: list[PilotFarm]
    loan: list[PilotLoan]


def read(path: Path = PILOT) -> Pilot:
    """The pilot in a TOML file; msgspec.ValidationError names the path of what is wrong."""
    return msgspec.toml.decode(path.read_bytes(), type=Pilot)
