"""The enrolled herd as arrays: one row per animal, tagged ones first."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from collateral.contract.enrolment import Enrolment
from firmware_sim.ground import Ground, Rectangle

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PenPlace:
    """One pen on its farm's ground; `rows` are the herd's rows that live in it."""

    pen_id: str
    farm: int
    species: str
    place: Rectangle
    rows: Ints


@dataclass(frozen=True, slots=True)
class FarmPlace:
    """One farm: the origin of its ground, and its local time."""

    farm_id: str
    ground: Ground
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Herd:
    """Rows below `tagged` wear the tag of the same index; the rest are known by number or wear none.

    `corner` and `size` (rows, 2): the pen's lower left corner and its width and depth in metres.
    """

    farms: tuple[FarmPlace, ...]
    pens: tuple[PenPlace, ...]
    gateways: tuple[str, ...]
    tags: tuple[str, ...]
    animals: tuple[str, ...]
    farm: Ints
    pen: Ints
    corner: Floats
    size: Floats
    gateway: Ints
    to_gateway_m: Floats

    @property
    def tagged(self) -> int:
        return len(self.tags)

    def pen_named(self, pen_id: str) -> PenPlace:
        return next(pen for pen in self.pens if pen.pen_id == pen_id)


def herd_of(enrolment: Enrolment) -> Herd:
    """The arrays for an enrolment. Every farm needs a gateway."""
    farms = tuple(FarmPlace(f.farm_id, Ground(f.lat, f.lon), ZoneInfo(f.timezone)) for f in enrolment.farms)
    index = {farm.farm_id: i for i, farm in enumerate(farms)}
    animals, pen_of = _residents(enrolment)
    pen_rows = [[row for row, pen in enumerate(pen_of) if pen == p.pen_id] for p in enrolment.pens]
    pens = tuple(
        PenPlace(p.pen_id, index[p.farm_id], p.species, Rectangle.around(p.fence, farms[index[p.farm_id]].ground),
                 np.array(rows, np.int64))
        for p, rows in zip(enrolment.pens, pen_rows, strict=True)
    )  # fmt: skip
    pen = np.zeros(len(animals), np.int64)
    for number, each in enumerate(pens):
        pen[each.rows] = number
    places = [each.place for each in pens]
    nearest = [_nearest_gateway(enrolment, farms, each) for each in pens]
    return Herd(
        farms=farms, pens=pens, gateways=tuple(g.gateway_id for g in enrolment.gateways),
        tags=tuple(tag.tag_id for tag in enrolment.tags), animals=tuple(animals),
        farm=np.array([each.farm for each in pens], np.int64)[pen], pen=pen,
        corner=np.array([(p.x_m, p.y_m) for p in places])[pen],
        size=np.array([(p.width_m, p.depth_m) for p in places])[pen],
        gateway=np.array([number for number, _ in nearest], np.int64)[pen],
        to_gateway_m=np.array([distance for _, distance in nearest])[pen],
    )  # fmt: skip


def _residents(enrolment: Enrolment) -> tuple[list[str], list[str]]:
    """Names and pens of all animals, in the order of tags, then untagged ones, then groups."""
    home = {animal.animal_id: animal.pen_id for animal in enrolment.animals}
    worn = dict.fromkeys(tag.animal_id for tag in enrolment.tags)
    names = [*worn, *(name for name in home if name not in worn)]
    pens = [home[name] for name in names]
    for group in enrolment.groups:
        names += [f"{group.group_id}-{number:03}" for number in range(1, group.head + 1)]
        pens += [group.pen_id] * group.head
    return names, pens


def _nearest_gateway(enrolment: Enrolment, farms: tuple[FarmPlace, ...], pen: PenPlace) -> tuple[int, float]:
    """Number of the gateway nearest to the middle of the pen, and how far it is in metres."""
    farm, (x, y) = farms[pen.farm], pen.place.middle
    distances = {
        number: float(np.hypot(farm.ground.x_of(g.lon) - x, farm.ground.y_of(g.lat) - y))
        for number, g in enumerate(enrolment.gateways)
        if g.farm_id == farm.farm_id
    }
    best = min(distances, key=lambda number: distances[number])
    return best, distances[best]
