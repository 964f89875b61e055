"""Checks of single fields that several records share: references, numbers, places. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from collateral.contract.enrolment import AnimalEnrolled
from collateral.model.cn_tag import SPECIES_DIGIT
from collateral.model.herd import IdentityScheme, Species

Complaint = tuple[str, str]  # field, why


def identity(a: AnimalEnrolled) -> Iterator[Complaint]:
    """The right form for its scheme, and for a 畜禽标识 the right species."""
    digits = a.identity.isascii() and a.identity.isdigit() and len(a.identity) == 15
    if a.scheme not in set(IdentityScheme):
        yield "scheme", f"{a.scheme} is none of {', '.join(IdentityScheme)}"
    elif a.scheme != IdentityScheme.DEV_EUI and not digits:
        yield "identity", f"{a.identity} is not 15 digits"
    elif a.scheme == IdentityScheme.CN_TAG and a.species in SPECIES_DIGIT:
        due = SPECIES_DIGIT[Species(a.species)]
        if a.identity[0] != due:
            yield "identity", f"{a.identity} begins with {a.identity[0]}, but that of {a.species} begins with {due}"


def refers(field: str, name: str, known: Iterable[str]) -> Iterator[Complaint]:
    """Something of that name is known."""
    if name not in known:
        yield field, f"there is no {field.removesuffix('_id')} {name}"


def same_farm(field: str, name: str, farm_of: dict[str, str], farm: str) -> Iterator[Complaint]:
    """What is named stands on the same farm."""
    if farm_of.get(name, farm) != farm:
        yield field, f"{name} is on farm {farm_of[name]}, not {farm}"


def species(species: str) -> Iterator[Complaint]:
    """A species the system knows."""
    if species not in set(Species):
        yield "species", f"{species} is none of {', '.join(Species)}"


def on_earth(lat: float, lon: float) -> Iterator[Complaint]:
    """Degrees WGS-84."""
    if not -90 <= lat <= 90:
        yield "lat", f"{lat} is not a latitude in degrees"
    if not -180 <= lon <= 180:
        yield "lon", f"{lon} is not a longitude in degrees"


def above_zero(record: Any, field: str) -> Iterator[Complaint]:
    """A number above 0."""
    if getattr(record, field) <= 0:
        yield field, "must be above 0"
