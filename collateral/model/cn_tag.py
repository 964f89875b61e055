"""The Chinese ear-tag number (畜禽标识): species (1 digit), county (6), serial (8). It has no check digit."""

from __future__ import annotations

from dataclasses import dataclass

from collateral.model.herd import Species
from collateral.model.saying import Refusal, say

DIGITS = 15
SPECIES_DIGIT = {Species.PIG: "1", Species.CATTLE: "2", Species.SHEEP: "3"}

# First two digits of a GB/T 2260 county code: provinces, autonomous regions, municipalities, special regions.
_PROVINCES = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82"
PROVINCES = frozenset(_PROVINCES.split())


class NoCnTag(Refusal):
    """Text that is no 15-digit ear-tag number; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class CnTag:
    """A well-formed number. Whether the county exists and the serial was issued it cannot say of itself."""

    number: str

    @property
    def species(self) -> Species | None:
        """Which species the first digit names; None: no species that is tagged."""
        return next((s for s, digit in SPECIES_DIGIT.items() if digit == self.number[0]), None)

    @property
    def county(self) -> str:
        """The six-digit county code."""
        return self.number[1:7]


def parse(text: str) -> CnTag:
    """Read 2-150524-00000001 or 215052400000001. Raises NoCnTag."""
    bare = text.strip().replace("-", "").replace(" ", "")
    if not (bare.isascii() and bare.isdigit()):
        raise NoCnTag(say("has other characters than digits"))
    if len(bare) != DIGITS:
        raise NoCnTag(say("has {digits} digits, not {due}", digits=len(bare), due=DIGITS))
    return CnTag(bare)
