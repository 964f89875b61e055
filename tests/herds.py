"""A small farm for tests of rules and cases: build the facts, then say what differs."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from collateral.facts.herd import CameraState, GatewayState, HerdFacts, PledgedGroup, Track
from collateral.model.herd import CameraCount, Farm, HeadCount, Pen, Species
from collateral.model.ids import AnimalId, BranchId, CameraId, FarmId, GatewayId, LoanId, PenId, TagId
from collateral.model.loan import Movement
from collateral.model.place import Fence, Position
from collateral.model.reading import Fix

NOW = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)  # 02:30 in Shanghai
LAT, LON = 41.0, 116.0
METRE = 1 / 111_320.0
HEAD_VALUE = 1_900_000  # CNY 19,000 in fen

FARM = Farm(
    farm_id=FarmId("f1"), branch_id=BranchId("b1"), name_zh="测试牧场", name_en="Test farm",
    position=Position(LAT, LON), timezone="Asia/Shanghai",
)  # fmt: skip


def at(east_m: float, north_m: float) -> Position:
    """A position in metres from the south-west corner of pen p1."""
    return Position(LAT + north_m * METRE, LON + east_m * METRE / 0.7547)  # cos 41 degrees


def pen(name: str = "p1", size_m: float = 60.0) -> Pen:
    corners = (at(0, 0), at(size_m, 0), at(size_m, size_m), at(0, size_m))
    return Pen(pen_id=PenId(name), farm_id=FARM.farm_id, name=name, species=Species.CATTLE, fence=Fence(corners))


def fixes(
    *places: tuple[float, float], ending: datetime = NOW, every: timedelta = timedelta(minutes=5)
) -> tuple[Fix, ...]:
    """Fixes at the given metres, the last one at `ending`."""
    last = len(places) - 1
    return tuple(
        Fix(measured_at=ending - every * (last - i), position=at(*place), error_m=10.0)
        for i, place in enumerate(places)
    )


def track(
    number: int, *, walked: tuple[Fix, ...] | None = None, seen: datetime | None = NOW, gateway: str = "g1",
    loan: str | None = "L1", where: Pen | None = None,
) -> Track:  # fmt: skip
    """Animal `number`, by default heard just now in the middle of its pen."""
    if walked is None:
        walked = fixes((30, 30), (31, 30), ending=seen or NOW)
    return Track(
        animal_id=AnimalId(f"a{number:04}"), identity=f"2130825{number:08}", tag_id=TagId(f"{number:016x}"),
        pen=where or pen(), loan_id=LoanId(loan) if loan else None, value_minor=HEAD_VALUE, interval_s=3600,
        gateway_id=GatewayId(gateway), last_seen_at=seen, fixes=walked,
    )  # fmt: skip


def driven_off(number: int, *, last: datetime = NOW) -> Track:
    """An animal whose newest fixes go out of the gate and away, then nothing."""
    return track(number, walked=fixes((30, 30), (90, 30), (160, 30), (400, 30), ending=last), seen=last)


def counted(
    *best: int | None, ending: datetime = NOW, every: timedelta = timedelta(minutes=5), half: int = 4, where: str = "p1"
) -> CameraState:
    """A camera and its counts, the last one at `ending`; None is a picture that could not be counted."""
    last = len(best) - 1
    moments = [ending - every * (last - i) for i in range(len(best))]
    return CameraState(
        camera_id=CameraId(f"cam-{where}"), pen_id=PenId(where), gateway_id=GatewayId("g1"), interval_s=300,
        counts=tuple(_count(moment, value, half, where) for moment, value in zip(moments, best, strict=True)),
    )  # fmt: skip


def _count(moment: datetime, best: int | None, half: int, where: str) -> CameraCount:
    return CameraCount(
        camera_id=CameraId(f"cam-{where}"), captured_at=moment,
        count=None if best is None else HeadCount(max(0, best - half), best, best + half),
        unknown_because="dark" if best is None else None,
        frame_sha256=hashlib.sha256(f"{where}{moment}".encode()).hexdigest(),
    )  # fmt: skip


def gateway(
    name: str = "g1", *, heard: datetime | None = NOW, offline: bool = False, backlog: datetime | None = None
) -> GatewayState:
    return GatewayState(
        gateway_id=GatewayId(name), heartbeat_s=300, last_heard_at=heard, said_offline=offline, oldest_unsent_at=backlog
    )


def group(head: int, *, loan: str = "L1", where: str = "p1") -> PledgedGroup:
    return PledgedGroup(
        group_id=f"group-{where}", pen=pen(where), loan_id=LoanId(loan), head=head, value_per_head_minor=200_000
    )


def facts(
    tracks: Sequence[Track] = (), *, cameras: Sequence[CameraState] = (), gateways: Sequence[GatewayState] | None = None,
    groups: Sequence[PledgedGroup] = (), movements: Sequence[Movement] = (), as_of: datetime = NOW,
) -> HerdFacts:  # fmt: skip
    return HerdFacts(
        FARM, as_of, tuple(tracks), tuple(groups), tuple(gateways if gateways is not None else [gateway()]),
        tuple(cameras), tuple(movements),
    )  # fmt: skip
