"""What happens in a play, as data (`scenarios/*.toml`)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

FOLDER = Path(__file__).with_name("scenarios")


class NoSuchScenario(ValueError):
    """There is no scenario of that name; the message lists those there are."""


class Theft(Struct, frozen=True, forbid_unknown_fields=True):
    """Pledged head of one pen with a camera are driven off in groups and loaded. `begins`: local time."""

    farm: str
    begins: str
    head: int
    groups: int
    group_gap_s: float
    walking_mps: float
    lorry_m: float


class Scenario(Struct, frozen=True, forbid_unknown_fields=True):
    """`until`: local time at which the play ends by itself."""

    name: str
    until: str
    theft: Theft | None = None


def read(name: str) -> Scenario:
    """A scenario by its file name without ending. Raises NoSuchScenario."""
    path = FOLDER / f"{name}.toml"
    if not path.is_file():
        there = ", ".join(sorted(each.stem for each in FOLDER.glob("*.toml")))
        raise NoSuchScenario(f"no scenario {name!r}: there are {there}")
    return msgspec.toml.decode(path.read_bytes(), type=Scenario)


def next_at(local: str, after: datetime, zone: ZoneInfo) -> datetime:
    """The first moment after `after` at which clocks in `zone` show `local` (HH:MM)."""
    there = after.astimezone(zone)
    found = datetime.combine(there.date(), time.fromisoformat(local), zone)
    return found if found > there else found + timedelta(days=1)
