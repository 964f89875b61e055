"""What a tag measured, in the units of the store, each figure held against what it can be.

A figure that cannot be right is withheld and said so; the rest of the uplink stands. The tag is alive either way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

LIMITS = {
    "fix_error_m": (0.0, 100_000.0),
    "steps": (0.0, 65_535.0),
    "activity": (0.0, 100.0),
    "ear_temp_c": (-60.0, 100.0),
    "rumination_min": (0.0, 1_440.0),
    "battery_pct": (0.0, 100.0),
}
"""As in the contract's `Reading`."""


@dataclass(slots=True)
class Values:
    """The figures of one uplink; None: not said, or withheld. `notes` tell what was withheld and why."""

    latitude: float | None = None
    longitude: float | None = None
    fix_error_m: float | None = None
    steps: float | None = None
    activity: float | None = None
    ear_temp_c: float | None = None
    rumination_min: float | None = None
    battery_pct: float | None = None
    tamper: bool | None = None
    measured_at: datetime | None = None
    others: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def withhold(self, name: str, why: str) -> None:
        """Say nothing for `name`, and say that."""
        setattr(self, name, None)
        self.notes.append(f"{name} withheld: {why}")

    def checked(self) -> Values:
        """These values, without those that cannot be right."""
        for name, (low, high) in LIMITS.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                self.withhold(name, f"{value:g} is not between {low:g} and {high:g}")
        if self.steps is not None and self.steps != int(self.steps):
            self.withhold("steps", f"{self.steps:g} is not a whole number")
        self._check_fix()
        return self

    def _check_fix(self) -> None:
        latitude, longitude = self.latitude, self.longitude
        if (latitude is None) != (longitude is None):
            self._withhold_fix("latitude and longitude come together or not at all")
        elif latitude is not None and longitude is not None and not (abs(latitude) <= 90 and abs(longitude) <= 180):
            self._withhold_fix(f"({latitude:g}, {longitude:g}) is nowhere on Earth")

    def _withhold_fix(self, why: str) -> None:
        self.latitude = self.longitude = None
        self.notes.append(f"fix withheld: {why}")
