"""Farms, pens, animals, and what a count of them says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from collateral.model.ids import BranchId, CameraId, FarmId, PenId
from collateral.model.place import Fence, Position


class Species(StrEnum):
    CATTLE = "cattle"
    SHEEP = "sheep"
    PIG = "pig"


class AnimalStatus(StrEnum):
    """在栏, 死亡, 出栏, 置换, 失联, 争议."""

    PRESENT = "present"
    DEAD = "dead"
    SOLD = "sold"
    SUBSTITUTED = "substituted"
    MISSING = "missing"
    DISPUTED = "disputed"


class IdentityScheme(StrEnum):
    """Whose numbering an identity follows. Two of them are 15 digits long: never infer it."""

    CN_TAG = "cn-tag"  # 畜禽标识: species(1) county(6) serial(8)
    ISO_11784 = "iso-11784"
    DEV_EUI = "dev-eui"


@dataclass(frozen=True, slots=True, kw_only=True)
class Farm:
    farm_id: FarmId
    branch_id: BranchId
    name_zh: str
    name_en: str
    position: Position
    timezone: str  # IANA name; for showing and for what "night" means, never for storing


@dataclass(frozen=True, slots=True, kw_only=True)
class Pen:
    pen_id: PenId
    farm_id: FarmId
    name: str
    species: Species
    fence: Fence


@dataclass(frozen=True, slots=True)
class HeadCount:
    """How many head: a 95 % interval around the best figure. Raises ValueError unless low <= best <= high."""

    low: int
    best: int
    high: int

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.best <= self.high:
            raise ValueError(f"a head count needs 0 <= low <= best <= high, got {self}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraCount:
    """What one camera saw at one moment; `count` is None when it could not see, and then says why."""

    camera_id: CameraId
    captured_at: datetime
    count: HeadCount | None
    unknown_because: str | None
    frame_sha256: str
