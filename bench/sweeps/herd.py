"""One farm's facts as of a night, with everything in it that rules look at: three days by the hour, ten fixes a tag.

Mostly an ordinary herd, since that is what a sweep looks at all day: two tags in a hundred have fallen silent, fixes
err as real ones do, and in every third farm three animals have left their fence, so that rules that speak are timed
as well.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import numpy as np

from collateral.facts.herd import CameraState, GatewayState, HerdFacts, Track
from collateral.facts.series import DAY_HOURS, HOURS, Channel, Climate, Floats, HerdSeries
from collateral.model.herd import CameraCount, Farm, HeadCount, Pen, Species
from collateral.model.ids import AnimalId, BranchId, CameraId, FarmId, GatewayId, LoanId, PenId, TagId
from collateral.model.place import Fence, Position
from collateral.model.reading import Fix

AS_OF = datetime(2026, 3, 1, 18, 5, tzinfo=UTC)  # 02:05 in Shanghai
PEN_HEAD, PEN_M, PENS_OF_GATEWAY = 85, 130.0, 5
FIXES, COUNTS = 10, 48  # as gathered: the newest fixes, four hours of counts every five minutes
UNHEARD = 0.02
GPS_SIGMA_M = 8.6
METRE = 1 / 111_320.0
HEAD_VALUE = 1_760_000  # CNY 17,600 in fen
BY_HOUR = np.repeat(  # mean activity of 97 real neck tags by two hours
    np.array([32.5, 28.6, 28.6, 40.4, 41.9, 38.4, 37.6, 40.6, 48.6, 42.7, 37.1, 39.3], np.float32), 2
)
HOUR = timedelta(hours=1)


def herd(number: int, head: int, rng: np.random.Generator) -> HerdFacts:
    """The facts of farm `number` with `head` cattle."""
    farm = Farm(
        farm_id=FarmId(f"f{number}"), branch_id=BranchId("b1"), name_zh="牧场", name_en="Farm",
        position=Position(41.0, 110.0 + number % 100 / 10), timezone="Asia/Shanghai",
    )  # fmt: skip
    pens = [_pen(farm, n) for n in range(-(-head // PEN_HEAD))]
    gateways = [GatewayId(f"{farm.farm_id}-g{n}") for n in range(-(-len(pens) // PENS_OF_GATEWAY))]
    return HerdFacts(
        farm, AS_OF, _tracks(farm, pens, gateways, head, rng), (),
        tuple(
            GatewayState(
                gateway_id=g, heartbeat_s=300, last_heard_at=AS_OF - timedelta(seconds=40), said_offline=False,
                oldest_unsent_at=None,
            )
            for g in gateways
        ),
        tuple(_camera(pen, gateways, n, head, rng) for n, pen in enumerate(pens)), (),
        series=_series(head, rng), climate=_climate(rng),
    )  # fmt: skip


def _pen(farm: Farm, number: int) -> Pen:
    south, west = farm.position.latitude + number * 2 * PEN_M * METRE, farm.position.longitude
    north, east = south + PEN_M * METRE, west + PEN_M * METRE / 0.7547  # cos 41 degrees
    ring = (Position(south, west), Position(south, east), Position(north, east), Position(north, west))
    return Pen(
        pen_id=PenId(f"{farm.farm_id}-p{number}"), farm_id=farm.farm_id, name=str(number), species=Species.CATTLE,
        fence=Fence(ring),
    )  # fmt: skip


def _tracks(
    farm: Farm, pens: list[Pen], gateways: list[GatewayId], head: int, rng: np.random.Generator
) -> tuple[Track, ...]:
    place = rng.uniform(5, PEN_M - 5, (head, 1, 2)) + rng.normal(0, GPS_SIGMA_M, (head, FIXES, 2))
    gone = slice(0, 3 if int(farm.farm_id[1:]) % 3 == 0 else 0)
    place[gone, -3:, 0] += np.array([150.0, 220.0, 300.0])
    offset = rng.integers(30, 3_500, head).tolist()
    # Tags that fell silent one by one over the last two weeks.
    quiet_h = np.where(rng.random(head) < UNHEARD, rng.uniform(25, 14 * 24, head), 0.0).tolist()
    lat, lon = (place[:, :, 1] * METRE).tolist(), (place[:, :, 0] * METRE / 0.7547).tolist()
    made = []
    for row in range(head):
        pen = pens[row // PEN_HEAD]
        newest = AS_OF - timedelta(seconds=offset[row], hours=quiet_h[row])
        corner = pen.fence.corners[0]
        fixes = tuple(
            Fix(
                measured_at=newest - (FIXES - 1 - n) * HOUR,
                position=Position(corner.latitude + lat[row][n], corner.longitude + lon[row][n]), error_m=12.0,
            )
            for n in range(FIXES)
        )  # fmt: skip
        made.append(
            Track(
                AnimalId(f"{farm.farm_id}-a{row}"), f"2130825{row:08}", TagId(f"{int(farm.farm_id[1:]):06x}{row:010x}"),
                pen, LoanId(f"{farm.farm_id}-L{row * 3 // head}"), HEAD_VALUE, 3600,
                gateways[row // PEN_HEAD // PENS_OF_GATEWAY], newest, fixes,
            )
        )  # fmt: skip
    return tuple(made)


def _camera(pen: Pen, gateways: list[GatewayId], number: int, head: int, rng: np.random.Generator) -> CameraState:
    there = min(PEN_HEAD, head - number * PEN_HEAD)
    seen = np.round(there * 0.97 + rng.normal(0, 0.02 * there, COUNTS)).clip(0, there).astype(int).tolist()
    name = CameraId(f"{pen.pen_id}-c")
    counts = tuple(
        CameraCount(
            camera_id=name, captured_at=AS_OF - timedelta(minutes=5 * (COUNTS - n)),
            count=HeadCount(max(0, best - 4), best, best + 4), unknown_because=None,
            frame_sha256=hashlib.sha256(f"{name}{n}".encode()).hexdigest(),
        )
        for n, best in enumerate(seen)
    )  # fmt: skip
    return CameraState(
        camera_id=name, pen_id=pen.pen_id, gateway_id=gateways[number // PENS_OF_GATEWAY], interval_s=300,
        counts=counts,
    )  # fmt: skip


def _series(head: int, rng: np.random.Generator) -> HerdSeries:
    own = rng.normal(0, 6.7, (head, 1)).astype(np.float32)
    hours = (AS_OF.hour + 8 - HOURS + np.arange(HOURS)) % DAY_HOURS
    activity = np.clip(BY_HOUR[hours] + own + _noise(rng, head, 11.7), 0, 100)
    heard = rng.random((head, HOURS)) > 0.05
    channels = {
        "activity": _channel(activity, BY_HOUR + own, 11.7, heard),
        "steps": _channel(np.round(activity * 3), (BY_HOUR + own) * 3, 35.0, heard),
        "rumination_min": _channel(20.7 + _noise(rng, head, 5.0), np.full((head, DAY_HOURS), 20.7), 5.0, heard),
        "temp_c": _channel(32.0 + _noise(rng, head, 1.3), np.full((head, DAY_HOURS), 32.0), 1.3, heard),
    }
    rssi = rng.normal(-90, 8, head)
    return HerdSeries(
        ends_at=AS_OF.replace(minute=0), ends_at_local_hour=(AS_OF.hour + 8) % 24, **channels,
        tamper=np.zeros((head, HOURS), np.bool_), battery_pct=rng.uniform(30, 100, head).astype(np.float32),
        rssi_dbm=rssi.astype(np.float32),
        rssi_before_dbm=(rssi + rng.normal(0, 1.5, head)).astype(np.float32),
    )  # fmt: skip


def _noise(rng: np.random.Generator, head: int, sigma: float) -> Floats:
    return rng.normal(0, sigma, (head, HOURS)).astype(np.float32)


def _channel(values: Floats, usual: np.ndarray, spread: float, heard: np.ndarray) -> Channel:
    shown = np.where(heard, values, np.nan).astype(np.float32)
    return Channel(
        shown, np.broadcast_to(usual, (len(values), DAY_HOURS)).astype(np.float32),
        np.full(len(values), spread, np.float32),
    )  # fmt: skip


def _climate(rng: np.random.Generator) -> Climate:
    air = 4 + 6 * np.sin(np.arange(HOURS) / 24 * 2 * np.pi) + rng.normal(0, 0.5, HOURS)
    return Climate(ends_at=AS_OF.replace(minute=0), temp_c=air.astype(np.float32),
                   humidity=np.full(HOURS, 0.6, np.float32))  # fmt: skip
