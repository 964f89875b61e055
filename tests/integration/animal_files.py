"""Files of animals as farms send them."""

from __future__ import annotations

COUNTY = "150524"
HEADER = "ear_tag,rfid,dev_eui,species,pen,breed,born,weight_kg,value"


def ear_tag(number: int, species: str = "2", county: str = COUNTY) -> str:
    """The ear tag of animal `number`; those of the small bank begin at 0, so take others."""
    return f"{species}{county}{number:08d}"


def row(number: int, *, tag: str | None = None, pen: str = "n-pen", value: str = "15000") -> str:
    """A good row for a steer of the small bank's northern farm."""
    rfid, eui = f"156{number:012d}", f"c{number:015x}"
    return f"{tag or ear_tag(number)},{rfid},{eui},cattle,{pen},Simmental,2025-03-0{1 + number % 9},{400 + number % 90}.5,{value}"


def file(*rows: str, header: str = HEADER) -> bytes:
    """A CSV in UTF-8."""
    return "\n".join((header, *rows, "")).encode()
