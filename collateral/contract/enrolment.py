"""An enrolment file: farms, herds, devices, loans and people, as one JSON document.

A simulator writes one for its pilot; a bank's own enrolment can be written the same way. Amounts are in minor
units (fen), positions in degrees WGS-84, times ISO 8601 with a zone. A pen's fence is a ring of [lon, lat].
"""

from __future__ import annotations

from datetime import date

import msgspec
from msgspec import Struct

from collateral.contract.messages import Eui, Moment, Name


class Branch(Struct, kw_only=True):
    branch_id: Name
    name_zh: str
    name_en: str


class PersonEnrolled(Struct, kw_only=True):
    """`branch_id` None sees every branch. `password` is hashed on loading and never stored.

    `email`: where they are told of cases; `told_as`: at which level, where that does not follow from role and branch.
    Where the file says nothing of these two, what is there stays.
    """

    login: Name
    name: str
    role: str
    password: str
    branch_id: Name | None = None
    farm_id: Name | None = None
    language: str = "zh"
    email: str | None = None
    told_as: str | None = None


class FarmEnrolled(Struct, kw_only=True, omit_defaults=True):
    """`registration_no` (养殖场备案号) is what other banks know the farm by."""

    farm_id: Name
    branch_id: Name
    name_zh: str
    name_en: str
    lat: float
    lon: float
    timezone: str
    registration_no: str | None = None


class PenEnrolled(Struct, kw_only=True):
    pen_id: Name
    farm_id: Name
    name: str
    species: str
    fence: list[tuple[float, float]]


class AnimalEnrolled(Struct, kw_only=True, omit_defaults=True):
    animal_id: Name
    farm_id: Name
    pen_id: Name
    species: str
    scheme: str
    identity: str
    born: date | None = None
    weight_kg: float | None = None
    breed: str | None = None


class IdentityEnrolled(Struct, kw_only=True):
    """A number that an animal bears beside its own `identity`, such as its RFID."""

    animal_id: Name
    scheme: str
    number: str
    since: Moment


class GroupEnrolled(Struct, kw_only=True, omit_defaults=True):
    group_id: Name
    farm_id: Name
    pen_id: Name
    species: str
    head: int
    weight_kg: float | None = None


class GatewayEnrolled(Struct, kw_only=True):
    gateway_id: Name
    farm_id: Name
    lat: float
    lon: float
    heartbeat_s: int = 300


class CameraEnrolled(Struct, kw_only=True):
    camera_id: Name
    farm_id: Name
    pen_id: Name
    gateway_id: Name
    interval_s: int = 300


class TagEnrolled(Struct, kw_only=True):
    tag_id: Eui
    farm_id: Name
    animal_id: Name
    model: str
    since: Moment
    interval_s: int = 3600


class LoanEnrolled(Struct, kw_only=True):
    """`officer`: the login of who answers for the loan; where the file says nothing of it, what is there stays."""

    loan_id: Name
    branch_id: Name
    contract_no: str
    borrower_zh: str
    borrower_en: str
    principal_minor: int
    balance_minor: int
    currency: str
    ltv_ceiling: float
    drawn_on: date
    matures_on: date
    officer: Name | None = None


class PledgeEnrolled(Struct, kw_only=True, omit_defaults=True):
    """Exactly one of `animal_id` and `group_id`."""

    loan_id: Name
    head: int
    value_per_head_minor: int
    since: Moment
    animal_id: Name | None = None
    group_id: Name | None = None


class Enrolment(Struct, kw_only=True, omit_defaults=True):
    v: int
    branches: list[Branch]
    people: list[PersonEnrolled]
    farms: list[FarmEnrolled]
    pens: list[PenEnrolled]
    animals: list[AnimalEnrolled]
    groups: list[GroupEnrolled]
    gateways: list[GatewayEnrolled]
    cameras: list[CameraEnrolled]
    tags: list[TagEnrolled]
    loans: list[LoanEnrolled]
    pledges: list[PledgeEnrolled]
    identities: list[IdentityEnrolled] = []


def read(data: bytes) -> Enrolment:
    """The enrolment in `data`; msgspec.ValidationError names the path of what is wrong."""
    return msgspec.json.decode(data, type=Enrolment)


def write(enrolment: Enrolment) -> bytes:
    """The JSON bytes, indented for people."""
    return msgspec.json.format(msgspec.json.encode(enrolment), indent=1)
