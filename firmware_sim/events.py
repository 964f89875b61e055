"""What happens to the herd in a play, as a timetable for the truth files. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from firmware_sim.theft import Removal
from firmware_sim.truth import moment
from firmware_sim.world import World


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry of the timetable, epoch seconds."""

    at_s: float
    name: str
    particulars: dict[str, Any] = field(default_factory=dict)


def happenings(world: World) -> list[Happening]:
    """Everything that will happen, in order of time."""
    removal = world.removal
    if removal is None:
        return []
    found = [
        Happening(removal.begins_s, "theft_begins", _theft(world, removal)),
        *(_crossing(world, removal, row) for row in removal.crosses_s),
        Happening(removal.ends_s, "theft_ends", _theft(world, removal)),
    ]
    return sorted(found, key=lambda happening: happening.at_s)


def silent_tags(world: World) -> dict[str, str]:
    """Tags that die on their own, and when."""
    at_s = world.tags.silent_from_s
    return {world.herd.tags[row]: moment(at_s[row]) for row in np.flatnonzero(np.isfinite(at_s)).tolist()}


def _theft(world: World, removal: Removal) -> dict[str, Any]:
    rows = sorted(removal.departs_s)
    return {
        "farm": world.herd.farms[removal.pen.farm].farm_id,
        "pen": removal.pen.pen_id,
        "loan": removal.loan_id,
        "head": len(rows),
        "animals": [world.herd.animals[row] for row in rows],
        "tags": [world.herd.tags[row] for row in rows],
    }


def _crossing(world: World, removal: Removal, row: int) -> Happening:
    last = max(alarm.at_s for alarm in removal.alarms if alarm.row == row)
    particulars = {"animal": world.herd.animals[row], "tag": world.herd.tags[row], "last_heard": moment(last)}
    return Happening(removal.crosses_s[row], "crossed_fence", particulars)
