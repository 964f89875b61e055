"""One farm drawn from a seed: pens side by side, gateways, cameras, loans, and a herd that wears tags.

The columns are those of the simulated firmware (`firmware_sim.herd.Herd`), so that its way of moving and measuring is
used as it is. Row i is the same animal in every array of the harness.
"""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from collateral.model.herd import Farm, Pen, Species
from collateral.model.ids import AnimalId, BranchId, CameraId, FarmId, GatewayId, LoanId, PenId, TagId
from collateral.model.place import Fence, Position
from firmware_sim.chance import stream
from firmware_sim.ground import Ground, Rectangle, side_by_side
from firmware_sim.herd import FarmPlace, Herd, Ints, PenPlace

ZONE = "Asia/Shanghai"
UTC_OFFSET_S = 8 * 3600  # no summer time there
LAT, LON = 41.2085, 116.6470  # Fengning, as in the pilot
PEN_HEAD, LARGE_PEN_HEAD, LARGE_FARM = 70, 170, 5_000  # 64-69 in the pilot; large feedlots have larger pens [I]
M2_A_HEAD = 16.0  # a feedlot, as in the pilot
ALLEY_M, GAP_M = 6.0, 3.0
PENS_A_CAMERA = 2  # the pilot has 12 cameras over 31 pens
HEAD_A_GATEWAY = 500
HEAD_A_LOAN = 700
VALUE_MINOR = 1_701_900  # 610 kg x 27.9 RMB/kg (A12), fen
SIZES = (500, 2_000)  # head: most plays lie in between
LARGEST = 17_000  # the seed figures (domain 0.1)


@dataclass(frozen=True)
class Estate:
    """`herd` holds the columns; `gateway`, `loan`: index per animal; `camera_pen`: index of the pen per camera."""

    farm: Farm
    herd: Herd
    pens: tuple[Pen, ...]
    cameras: tuple[CameraId, ...]
    camera_pen: Ints
    camera_gateway: Ints
    loans: tuple[LoanId, ...]
    loan: Ints
    offset_s: Ints  # when in the hour each tag reports

    @property
    def head(self) -> int:
        return len(self.herd.animals)

    @property
    def ground(self) -> Ground:
        return self.herd.farms[0].ground

    def animal(self, row: int) -> AnimalId:
        return AnimalId(self.herd.animals[row])

    def rows_of(self, animals: tuple[str, ...]) -> list[int]:
        """Rows of named animals; names are `a` and the row."""
        return [int(name[1:]) for name in animals]

    def watched_pens(self, least: int) -> list[int]:
        """Pens with a camera and at least so many head."""
        return [int(p) for p in self.camera_pen if len(self.herd.pens[int(p)].rows) >= least]


def drawn_head(seed: int, name: str) -> int:
    """A farm's size for one play: log-uniform in SIZES, so that small farms are the rule."""
    low, high = SIZES
    return int(round(np.exp(stream(seed, name, "head").uniform(np.log(low), np.log(high))), -1))


def estate(seed: int, name: str, head: int) -> Estate:
    """The farm `name` under a seed."""
    rng = stream(seed, name, "estate")
    farm = Farm(
        farm_id=FarmId(name), branch_id=BranchId("b1"), name_zh=name, name_en=name,
        position=Position(LAT, LON), timezone=ZONE,
    )  # fmt: skip
    ground = Ground(LAT, LON)
    pen_head = LARGE_PEN_HEAD if head > LARGE_FARM else PEN_HEAD
    count = max(2, round(head / pen_head))
    heads = [len(part) for part in np.array_split(np.arange(head), count)]
    sizes = [(round((n * M2_A_HEAD * 1.43) ** 0.5, 1), round((n * M2_A_HEAD / 1.43) ** 0.5, 1)) for n in heads]
    places = side_by_side(sizes, ALLEY_M, GAP_M)
    starts = np.concatenate([[0], np.cumsum(heads)])
    pen_places = tuple(
        PenPlace(f"p{i:03}", 0, "cattle", place, np.arange(starts[i], starts[i + 1]))
        for i, place in enumerate(places)
    )  # fmt: skip
    pen = np.repeat(np.arange(count), heads)
    gateways = max(2, round(head / HEAD_A_GATEWAY))
    gateway_of_pen = np.arange(count) * gateways // count
    loans = max(1, head // HEAD_A_LOAN)
    cameras = np.arange(0, count, PENS_A_CAMERA)
    return Estate(
        farm=farm,
        herd=Herd(
            farms=(FarmPlace(name, ground, ZoneInfo(ZONE)),), pens=pen_places,
            gateways=tuple(f"g{i}" for i in range(gateways)), tags=tuple(f"{i:016x}" for i in range(head)),
            animals=tuple(f"a{i:05}" for i in range(head)), farm=np.zeros(head, np.int64), pen=pen,
            corner=np.array([(p.x_m, p.y_m) for p in places])[pen],
            size=np.array([(p.width_m, p.depth_m) for p in places])[pen],
            gateway=gateway_of_pen[pen], to_gateway_m=rng.uniform(30, 200, count)[pen],
        ),
        pens=tuple(_pen(farm.farm_id, p, ground) for p in pen_places),
        cameras=tuple(CameraId(f"c{int(p):03}") for p in cameras), camera_pen=cameras,
        camera_gateway=gateway_of_pen[cameras],
        loans=tuple(LoanId(f"{name}-L{i}") for i in range(loans)), loan=(np.arange(count) * loans // count)[pen],
        offset_s=rng.integers(30, 3_570, head),
    )  # fmt: skip


def _pen(farm: FarmId, place: PenPlace, ground: Ground) -> Pen:
    corners = tuple(Position(lat, lon) for lon, lat in place.place.ring(ground)[:-1])
    return Pen(
        pen_id=PenId(place.pen_id), farm_id=farm, name=place.pen_id, species=Species.CATTLE, fence=Fence(corners)
    )


def gateway_id(estate_: Estate, number: int) -> GatewayId:
    """The name of a gateway."""
    return GatewayId(estate_.herd.gateways[number])


def tag_id(estate_: Estate, row: int) -> TagId:
    """The name of the tag that an animal wears at the beginning."""
    return TagId(estate_.herd.tags[row])


def gate_of(place: Rectangle) -> tuple[float, float]:
    """In the middle of the side that faces the alley, which runs through the farm's origin."""
    near, far = place.y_m, place.y_m + place.depth_m
    return place.middle[0], near if abs(near) < abs(far) else far
