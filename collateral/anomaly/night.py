"""What night means at a farm: the hours in which lorries come for other people's cattle."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from collateral.model.herd import Farm

NIGHT_FROM_H, NIGHT_UNTIL_H = 22, 4  # local time (R2)


def is_night(farm: Farm, moment: datetime) -> bool:
    """Whether `moment` (aware) falls between 22:00 and 04:00 at the farm."""
    hour = moment.astimezone(ZoneInfo(farm.timezone)).hour
    return hour >= NIGHT_FROM_H or hour < NIGHT_UNTIL_H
