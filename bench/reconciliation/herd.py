"""One loan's herd as of a morning: so many gone in the last two weeks, the others with the silences and the cameras
that herds have. Cameras and tag loss are those of `bench.evaluation`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from bench.evaluation import eyes
from bench.evaluation.air import smooth
from bench.evaluation.nature import TAG_LOSS_A_DAY
from bench.evaluation.sights import Z95
from collateral.facts.herd import CameraState, GatewayState, HerdFacts, Track
from collateral.model.herd import CameraCount, Farm, HeadCount, Pen, Species
from collateral.model.ids import AnimalId, BranchId, CameraId, FarmId, GatewayId, LoanId, PenId, TagId
from collateral.model.inspection import InspectionResult
from collateral.model.place import Fence, Position
from firmware_sim.herd import Floats

AS_OF = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)  # 06:00 in Shanghai, the daily job (A2)
LOAN, GATEWAY = LoanId("L1"), GatewayId("g1")
PEN_HEAD = 70  # 64-69 in the pilot (domain 0.1)
HEAD_VALUE = 1_701_900  # 610 kg x 27.9 RMB/kg (A12), fen
LOOKED_BACK_H = 14 * 24.0
SINCE_H = 30.0  # the newest loss: it has been silent for longer than a positive sign holds
SPREAD_SHAPE = 4.0  # herds differ in tag loss by a factor of two either way: 1.4 to 11 % a year (domain 2.3)
UNMENDED_D = 30.0  # until a lost tag is replaced [I]
RESTS, RESTS_H = 0.01, (25.0, 72.0)  # tags quiet for one to three days, on the average of herds [I]
COUNTS, EVERY = 48, timedelta(minutes=5)  # four hours of counts
INSPECTED_D = (1.0, 12.0)  # how long ago [I]
OVERLOOKED = 0.002  # of the head there that an inspection does not read [I]
NEVER_H = np.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """`loss`: share of the book that is gone. `at_once`: in one night, else one by one. `cameras`: on every pen.
    `inspected`: a physical count within INSPECTED_D."""

    head: int
    loss: float
    cameras: bool
    inspected: bool
    at_once: bool


def herd(setting: Setting, rng: np.random.Generator) -> tuple[int, HerdFacts]:
    """How many are there, and the facts that the bank has."""
    head = setting.head
    gone_h = _gone_h(setting, rng)
    silent_h = np.where(np.isinf(gone_h), _silent_h(head, rng), gone_h)
    farm = Farm(
        farm_id=FarmId("f1"), branch_id=BranchId("b1"), name_zh="牧场", name_en="Farm", position=Position(41.2, 116.6),
        timezone="Asia/Shanghai",
    )  # fmt: skip
    pens = [_pen(farm, number) for number in range(max(1, round(head / PEN_HEAD)))]
    there = np.bincount(np.arange(head)[np.isinf(gone_h)] % len(pens), minlength=len(pens))
    cameras = [_camera(pen, int(n), rng) for pen, n in zip(pens, there, strict=True)] if setting.cameras else []
    inspections = (_inspection(farm, pens, gone_h, rng),) if setting.inspected else ()
    listens = GatewayState(
        gateway_id=GATEWAY, heartbeat_s=300, last_heard_at=AS_OF, said_offline=False, oldest_unsent_at=None
    )
    tracks = tuple(_track(row, pens[row % len(pens)], silent) for row, silent in enumerate(silent_h.tolist()))
    return int(there.sum()), HerdFacts(farm, AS_OF, tracks, (), (listens,), tuple(cameras), (), inspections=inspections)


def _gone_h(setting: Setting, rng: np.random.Generator) -> Floats:
    """For how many hours each animal has been gone; infinity: it is there."""
    gone_h = np.full(setting.head, NEVER_H)
    rows = rng.choice(setting.head, round(setting.loss * setting.head), replace=False)
    gone_h[rows] = rng.uniform(SINCE_H, LOOKED_BACK_H, 1 if setting.at_once else len(rows))
    return gone_h


def _silent_h(head: int, rng: np.random.Generator) -> Floats:
    """For how many hours the tags of animals that are there have been silent."""
    silent_h = rng.uniform(0, 3, head)
    rests = rng.random(head) < RESTS * rng.exponential()
    silent_h[rests] = rng.uniform(*RESTS_H, int(rests.sum()))
    lost = rng.random(head) < TAG_LOSS_A_DAY * UNMENDED_D * rng.gamma(SPREAD_SHAPE, 1 / SPREAD_SHAPE)
    silent_h[lost] = rng.uniform(0, UNMENDED_D * 24, int(lost.sum()))
    return silent_h


def _track(row: int, pen: Pen, silent_h: float) -> Track:
    return Track(
        AnimalId(f"a{row:05}"), f"2130825{row:08}", TagId(f"{row:016x}"), pen, LOAN, HEAD_VALUE, 3600, GATEWAY,
        AS_OF - timedelta(hours=silent_h), (),
    )  # fmt: skip


def _pen(farm: Farm, number: int) -> Pen:
    west = 116.6 + 0.001 * number
    ring = (Position(41.2, west), Position(41.2, west + 0.0005), Position(41.2004, west + 0.0005))
    return Pen(
        pen_id=PenId(f"p{number:03}"), farm_id=farm.farm_id, name=str(number), species=Species.CATTLE,
        fence=Fence(ring),
    )  # fmt: skip


def _camera(pen: Pen, there: int, rng: np.random.Generator) -> CameraState:
    """Four hours of counts by a camera whose usual share is known, at times with a spell of misses in them."""
    usual = 1 + rng.normal(eyes.BIAS_MEAN, eyes.BIAS_SD)
    every_h = EVERY / timedelta(hours=1)
    drift = smooth(rng.normal(0, 1, COUNTS), float(np.exp(-every_h / eyes.DRIFT_HOURS)))
    share = usual + eyes.DRIFT_SD * drift + rng.normal(0, eyes.FRAME_SD, COUNTS)
    ago_h = np.arange(COUNTS)[::-1] * every_h
    for _ in range(rng.poisson(eyes.SPELLS_A_DAY * ago_h[0] / 24)):
        begins_h, lasts_h = rng.uniform(0, ago_h[0]), rng.uniform(*eyes.SPELL_S) / 3_600
        share[(ago_h <= begins_h) & (ago_h > begins_h - lasts_h)] -= rng.uniform(*eyes.SPELL_MISSED)
    best = np.round(there * share).clip(0).astype(int).tolist()
    name = CameraId(f"c-{pen.pen_id}")
    counts = tuple(_count(name, number, n) for number, n in enumerate(best))
    return CameraState(
        camera_id=name, pen_id=pen.pen_id, gateway_id=GATEWAY, interval_s=300, counts=counts, usual_share=usual
    )


def _count(camera: CameraId, number: int, best: int) -> CameraCount:
    half = round(Z95 * eyes.SIGMA * best)
    return CameraCount(
        camera_id=camera, captured_at=AS_OF - EVERY * (COUNTS - 1 - number),
        count=HeadCount(max(0, best - half), best, best + half), unknown_because=None, frame_sha256=f"{number:064x}",
    )  # fmt: skip


def _inspection(farm: Farm, pens: list[Pen], gone_h: Floats, rng: np.random.Generator) -> InspectionResult:
    """Who had gone by then was absent, and a few that were overlooked."""
    ago_h = 24 * rng.uniform(*INSPECTED_D)
    absent = np.flatnonzero((~np.isinf(gone_h) & (gone_h > ago_h)) | (rng.random(len(gone_h)) < OVERLOOKED))
    found, closed = len(gone_h) - len(absent), AS_OF - timedelta(hours=ago_h)
    return InspectionResult(
        session_id="s1", loan_id=LOAN, farm_id=farm.farm_id, opened_at=closed - timedelta(hours=2), closed_at=closed,
        gross=found, unique_tags=found, duplicates=0, foreign=(), untagged=0,
        absent=tuple(AnimalId(f"a{row:05}") for row in absent.tolist()), pens=tuple(p.pen_id for p in pens),
        passed=True,
    )  # fmt: skip
