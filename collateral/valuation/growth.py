"""How animals grow and die (domain 2.3), for carrying a known weight to a later day."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from collateral.model.herd import Species


@dataclass(frozen=True, slots=True, kw_only=True)
class Production:
    """`gain_g`: average daily gain (ADG) and the deviation between herds, in grams. `finished_g`: no growth is counted
    beyond it, for a finished animal is sold. `deaths_per_day`: constant hazard."""

    gain_g: float
    gain_sd_g: float
    finished_g: int
    deaths_per_day: float


PRODUCTION: dict[Species, Production] = {
    # 1.55 kg/d up to 619 kg and 1.83 % in 167 d (43,629 feedlot lots); the 0.9 kg/d benchmark is two deviations less.
    Species.CATTLE: Production(
        gain_g=1550, gain_sd_g=325, finished_g=619_000, deaths_per_day=-math.log(1 - 0.0183) / 167
    ),
    # 0.77 kg/d, range 0.54-1.13 taken as four deviations; 3.23 deaths per 1,000 pig-weeks; 125 kg [I].
    Species.PIG: Production(gain_g=770, gain_sd_g=148, finished_g=125_000, deaths_per_day=0.00323 / 7),
    # 0.23 kg/d; adults 5.0-6.8 % a year, the middle of it; deviation and 50 kg are ours [I].
    Species.SHEEP: Production(gain_g=230, gain_sd_g=50, finished_g=50_000, deaths_per_day=-math.log(1 - 0.059) / 365),
}


def weight_g(known_g: int, weighed_on: date | None, on: date, production: Production, most_days: int) -> int:
    """What an animal weighs on a day, in grams, rounded down.

    A weight of an unknown day, or of a later one, is taken as it is: growth is only counted from a weighing.
    """
    if weighed_on is None or on <= weighed_on:
        return known_g
    grown = known_g + int(production.gain_g * min((on - weighed_on).days, most_days))
    return max(known_g, min(grown, production.finished_g))
