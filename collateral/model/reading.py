"""Where a tag said that it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from collateral.model.place import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """Where a tag was. `error_m` is the device's own estimate in metres; `speed_mps` when it knows."""

    measured_at: datetime
    position: Position
    error_m: float | None = None
